package dev.tollgate.budget;

import java.util.Map;

/// Which requests a budget is about. Every part that is not empty must match; all empty is the
/// whole organization.
///
/// @param key a key's public id or its name
public record Scope(
        String team,
        String project,
        String user,
        String endUser,
        String session,
        String key,
        String provider,
        Map<String, String> tags) {

    public static final Scope ORGANIZATION = new Scope("", "", "", "", "", "", "", Map.of());

    public Scope {
        tags = Map.copyOf(tags);
    }
}
