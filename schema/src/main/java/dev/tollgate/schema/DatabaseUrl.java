package dev.tollgate.schema;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Where an external PostgreSQL is: `postgres://user:password@host:port/database?sslmode=require`,
/// the same with `postgresql://`, or a `jdbc:postgresql:` URL as its driver documents it.
///
/// Options in the URL win over ours. `toString` leaves out the password and all options.
record DatabaseUrl(String jdbc, @Nullable String user, @Nullable String password) {

    private static final String EXPECTED =
            "(expected: postgres://user:password@host:5432/database or"
                    + " jdbc:postgresql://host/database)";

    /// What libpq calls its options, and the driver's names for the same.
    private static final Map<String, String> DRIVER_OPTIONS =
            Map.of(
                    "connect_timeout", "connectTimeout",
                    "application_name", "ApplicationName",
                    "channel_binding", "channelBinding");

    static DatabaseUrl parse(String url) {
        if (url.startsWith("jdbc:postgresql:")) {
            return new DatabaseUrl(url, null, null);
        }
        for (var scheme : new String[] {"postgres://", "postgresql://"}) {
            if (url.startsWith(scheme)) {
                return parseUri(url.substring(scheme.length()));
            }
        }
        // The value may hold a password, whatever its form: only its beginning up to a colon is
        // safe to show.
        throw new DatabaseStartException(
                "TOLLGATE_DATABASE_URL: begins with '" + beforeColon(url) + "' " + EXPECTED);
    }

    private static DatabaseUrl parseUri(String rest) {
        var slash = rest.indexOf('/');
        var question = rest.indexOf('?');
        var authorityEnd = slash >= 0 ? slash : question >= 0 ? question : rest.length();
        var authority = rest.substring(0, authorityEnd);
        var at = authority.lastIndexOf('@');
        var hosts = authority.substring(at + 1);
        if (hosts.isEmpty()) {
            throw new DatabaseStartException("TOLLGATE_DATABASE_URL: no host " + EXPECTED);
        }
        var path = rest.substring(authorityEnd, question >= 0 ? question : rest.length());
        var options = question >= 0 ? "?" + driverOptions(rest.substring(question + 1)) : "";
        var credentials = at >= 0 ? authority.substring(0, at).split(":", 2) : new String[0];
        return new DatabaseUrl(
                "jdbc:postgresql://" + hosts + (path.isEmpty() ? "/" : path) + options,
                credentials.length > 0 ? decode(credentials[0]) : null,
                credentials.length > 1 ? decode(credentials[1]) : null);
    }

    private static String driverOptions(String query) {
        return Arrays.stream(query.split("&"))
                .map(option -> {
                    var name = option.split("=", 2)[0];
                    return DRIVER_OPTIONS.getOrDefault(name, name)
                            + option.substring(name.length());
                })
                .collect(Collectors.joining("&"));
    }

    private static String decode(String text) {
        // URLDecoder reads forms, where a plus is a space; in a URI it is itself.
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static String beforeColon(String url) {
        var colon = url.indexOf(':');
        return colon < 0 ? "" : url.substring(0, Math.min(colon + 1, 20));
    }

    @Override
    public String toString() {
        var question = jdbc.indexOf('?');
        return question < 0 ? jdbc : jdbc.substring(0, question);
    }
}
