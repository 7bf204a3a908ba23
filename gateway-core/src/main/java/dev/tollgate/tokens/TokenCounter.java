package dev.tollgate.tokens;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingRegistry;
import com.knuddels.jtokkit.api.EncodingType;
import java.nio.charset.StandardCharsets;

/// Counts tokens before the fact: for holds and estimates, never for billing.
///
/// Encodings are loaded when first asked for, which takes a good part of a second: [#preload] them
/// off the event loop. Text that looks like a special token is counted as the plain text it is.
/// Counting takes time in proportion to the text, whatever the text: it is cut into segments at
/// spaces, and runs without any are cut by force, for which at most one token is counted too many
/// at each cut.
public final class TokenCounter {

    /// Characters counted in one go. A word in it costs more than its length in time, so that a
    /// longer run without a space would take seconds.
    static final int SEGMENT_CHARACTERS_MAX = 1_024;

    private final EncodingRegistry registry = Encodings.newLazyEncodingRegistry();

    /// Loads the encodings in use today. Blocks for about a second.
    public void preload() {
        count(Tokenizers.CL100K, "a");
        count(Tokenizers.O200K, "a");
    }

    /// @param encoding a name such as `o200k_base`; one we don't have counts as that
    public long count(String encoding, String text) {
        var tokenizer = tokenizer(encoding);
        if (text.length() <= SEGMENT_CHARACTERS_MAX) {
            return tokenizer.countTokensOrdinary(text);
        }
        var tokens = 0L;
        for (var from = 0; from < text.length(); ) {
            var to = segmentEnd(text, from);
            tokens += tokenizer.countTokensOrdinary(text.substring(from, to));
            from = to;
        }
        return tokens;
    }

    public long count(String encoding, byte[] utf8) {
        return count(encoding, new String(utf8, StandardCharsets.UTF_8));
    }

    private Encoding tokenizer(String encoding) {
        var type = EncodingType.fromName(encoding).orElse(EncodingType.O200K_BASE);
        return registry.getEncoding(type);
    }

    /// Before the last space in reach, since a token may begin with a space but seldom ends with
    /// one; never inside a surrogate pair.
    private static int segmentEnd(String text, int from) {
        var to = Math.min(text.length(), from + SEGMENT_CHARACTERS_MAX);
        if (to == text.length()) {
            return to;
        }
        for (var space = to; space > from + SEGMENT_CHARACTERS_MAX / 2; space--) {
            if (text.charAt(space) == ' ' && text.charAt(space - 1) > ' ') {
                return space;
            }
        }
        return Character.isHighSurrogate(text.charAt(to - 1)) ? to - 1 : to;
    }
}
