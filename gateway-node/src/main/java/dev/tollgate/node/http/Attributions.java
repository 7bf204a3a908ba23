package dev.tollgate.node.http;

import dev.tollgate.caller.Attribution;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// Reads on whose behalf a request is made. Headers go before the body.
final class Attributions {

    static final int TAG_NAME_CHARACTERS_MAX = 64;

    private static final CharSequence END_USER = HttpHeaders.createOptimized("x-app-user-id");
    private static final String TAGS = "x-tollgate-tags";
    private static final CharSequence TAGS_NAME = HttpHeaders.createOptimized(TAGS);
    private static final CharSequence[] SESSIONS =
            CallerHeaders.names(
                    "x-tollgate-session", "x-claude-code-session-id", "session_id", "session-id");

    private Attributions() {}

    /// @param bodyUser already checked
    /// @throws dev.tollgate.problem.Refusal when a header is too long or has control characters
    static Attribution of(MultiMap headers, String bodyUser, Map<String, String> bodyTags) {
        var endUser = header(headers, END_USER);
        return new Attribution(
                endUser.isEmpty() ? bodyUser : endUser, session(headers), tags(headers, bodyTags));
    }

    /// @throws dev.tollgate.problem.Refusal when `value` is too long or has control characters
    static String checked(String field, String value) {
        if (value.length() > Attribution.VALUE_CHARACTERS_MAX || hasControl(value)) {
            throw Invalid.of(
                    field,
                    value.length() + " characters",
                    "at most "
                            + Attribution.VALUE_CHARACTERS_MAX
                            + " characters, none of them control characters");
        }
        return value;
    }

    static boolean isTag(String name, String value) {
        return isTagName(name)
                && value.length() <= Attribution.VALUE_CHARACTERS_MAX
                && !hasControl(value);
    }

    private static String session(MultiMap headers) {
        for (var name : SESSIONS) {
            var session = header(headers, name);
            if (!session.isEmpty()) {
                return session;
            }
        }
        return "";
    }

    private static Map<String, String> tags(MultiMap headers, Map<String, String> bodyTags) {
        var line = headers.get(TAGS_NAME);
        if (line == null) {
            return bodyTags;
        }
        var tags = parse(decoded(line));
        for (var tag : bodyTags.entrySet()) {
            if (tags.size() < Attribution.TAGS_MAX) {
                tags.putIfAbsent(tag.getKey(), tag.getValue());
            }
        }
        return tags;
    }

    private static Map<String, String> parse(String line) {
        var tags = new LinkedHashMap<String, String>();
        for (var pair : line.split(",", -1)) {
            if (pair.isBlank()) {
                continue;
            }
            var equals = pair.indexOf('=');
            var name = equals < 0 ? "" : pair.substring(0, equals).strip();
            if (!isTagName(name)) {
                throw Invalid.of(
                        TAGS,
                        pair.strip(),
                        "name=value, the name of 1 to "
                                + TAG_NAME_CHARACTERS_MAX
                                + " letters, digits and . _ - : /");
            }
            var value = checked(TAGS + " " + name, pair.substring(equals + 1).strip());
            if (tags.put(name, value) != null) {
                throw Invalid.of(TAGS, name + " twice", "each name once");
            }
        }
        if (tags.size() > Attribution.TAGS_MAX) {
            throw Invalid.of(TAGS, tags.size() + " tags", "at most " + Attribution.TAGS_MAX);
        }
        return tags;
    }

    private static String header(MultiMap headers, CharSequence name) {
        var value = headers.get(name);
        return value == null ? "" : checked(name.toString(), decoded(value).strip());
    }

    /// Header values are read as Latin-1; most who write more than ASCII mean UTF-8.
    private static String decoded(String value) {
        var bytes = value.getBytes(StandardCharsets.ISO_8859_1);
        return Utf8.firstInvalid(bytes) < 0 ? new String(bytes, StandardCharsets.UTF_8) : value;
    }

    private static boolean isTagName(String name) {
        return !name.isEmpty()
                && name.length() <= TAG_NAME_CHARACTERS_MAX
                && name.chars().allMatch(Attributions::isTagNameCharacter);
    }

    private static boolean isTagNameCharacter(int character) {
        return (character >= 'a' && character <= 'z')
                || (character >= 'A' && character <= 'Z')
                || (character >= '0' && character <= '9')
                || "._-:/".indexOf(character) >= 0;
    }

    private static boolean hasControl(String text) {
        return text.codePoints().anyMatch(Attributions::isControl);
    }

    /// Halves of surrogate pairs can be written in JSON, but not in UTF-8.
    private static boolean isControl(int character) {
        return Character.isISOControl(character)
                || Character.getType(character) == Character.SURROGATE;
    }
}
