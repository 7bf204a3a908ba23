package dev.tollgate.caller;

import java.util.Map;

/// On whose behalf, beside the key, a request is booked. Absent values are empty text.
///
/// @param endUser the value of `X-App-User-Id`, or the body's `user`
/// @param session one agent conversation
/// @param tags from `X-Tollgate-Tags` and the body's `metadata`, at most [#TAGS_MAX]
public record Attribution(String endUser, String session, Map<String, String> tags) {

    public static final int TAGS_MAX = 16;
    public static final int VALUE_CHARACTERS_MAX = 512;

    public static final Attribution NONE = new Attribution("", "", Map.of());

    public Attribution {
        tags = Map.copyOf(tags);
    }
}
