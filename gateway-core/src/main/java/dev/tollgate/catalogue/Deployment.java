package dev.tollgate.catalogue;

/// A model at a provider.
///
/// @param upstreamModel the name the provider knows it by
public record Deployment(Provider provider, Model model, String upstreamModel) {}
