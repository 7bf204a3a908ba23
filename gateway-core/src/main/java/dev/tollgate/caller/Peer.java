package dev.tollgate.caller;

/// Where a request comes from, as far as its connection and its headers tell.
///
/// @param address the numeric address of the other end of the connection
/// @param host the `Host` header; empty when absent
/// @param origin the `Origin` header, which browsers send with a page's requests; empty when absent
/// @param proxied whether a header of a reverse proxy is there, so that `address` is not the
///   caller's
public record Peer(String address, String host, String origin, boolean proxied) {}
