package dev.tollgate.node.http;

import dev.tollgate.problem.Problem.InvalidRequest;
import dev.tollgate.problem.Refusal;

/// Makes the refusal of something a caller sent, with its value shortened and made printable.
final class Invalid {

    private static final int VALUE_CHARACTERS_MAX = 64;

    private Invalid() {}

    static Refusal of(String field, String value, String expected) {
        return new Refusal(new InvalidRequest(field, shown(value), expected));
    }

    /// Printable ASCII, shortened: such text can go to logs and terminals.
    static String shown(String value) {
        var shown = new StringBuilder();
        for (var i = 0; i < value.length() && i < VALUE_CHARACTERS_MAX; i++) {
            var character = value.charAt(i);
            shown.append(character < ' ' || character > '~' ? '?' : character);
        }
        return value.length() > VALUE_CHARACTERS_MAX ? shown + "..." : shown.toString();
    }
}
