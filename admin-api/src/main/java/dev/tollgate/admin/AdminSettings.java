package dev.tollgate.admin;

import dev.tollgate.caller.Secret;
import java.time.Duration;
import java.util.Set;

/// How the admin API is guarded and bounded.
///
/// @param token the admin token; that it is strong is for whoever makes the settings to see to
/// @param hosts names beside `localhost` and IP addresses that requests may give as their `Host`;
///   `*` for any
/// @param concurrentCallsMax calls that run at a time; more wait
/// @param waitMax how long a call waits for its turn
/// @param bodyBytesMax largest body
/// @param file what to call the configuration file when saying where a resource is managed
public record AdminSettings(
        Secret token,
        Set<String> hosts,
        int concurrentCallsMax,
        Duration waitMax,
        int bodyBytesMax,
        String file) {

    /// Fewer calls at a time than the database has connections, so that the node keeps some.
    private static final int CONCURRENT_CALLS_MAX = 6;

    private static final Duration WAIT_MAX = Duration.ofSeconds(5);
    private static final int BODY_BYTES_MAX = 1 << 20;

    public AdminSettings {
        hosts = Set.copyOf(hosts);
        if (token.reveal().isEmpty()) {
            throw new IllegalArgumentException("admin token: empty (expected: a strong secret)");
        }
        if (concurrentCallsMax < 1) {
            throw new IllegalArgumentException(
                    "concurrentCallsMax: " + concurrentCallsMax + " (expected: >= 1)");
        }
    }

    public static AdminSettings of(Secret token) {
        return new AdminSettings(
                token, Set.of(), CONCURRENT_CALLS_MAX, WAIT_MAX, BODY_BYTES_MAX, "tollgate.yaml");
    }

    public AdminSettings withHosts(Set<String> more) {
        return new AdminSettings(token, more, concurrentCallsMax, waitMax, bodyBytesMax, file);
    }

    public AdminSettings withFile(String name) {
        return new AdminSettings(token, hosts, concurrentCallsMax, waitMax, bodyBytesMax, name);
    }
}
