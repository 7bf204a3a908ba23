package dev.tollgate.node.provider.sandbox;

import dev.tollgate.path.Exchange;
import dev.tollgate.tokens.TokenCounter;
import dev.tollgate.tokens.Tokenizers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// What the sandbox's model says: the last words of the user, again.
record SandboxModel(TokenCounter counter) {

    /// Of what the user said; more is cut off.
    private static final int ECHO_CHARACTERS_MAX = 4_096;

    /// An answer, in the pieces in which it is streamed.
    ///
    /// @param cut whether the output limit ended it
    record Echo(List<Piece> pieces, long tokens, boolean cut) {

        String text() {
            var text = new StringBuilder();
            pieces.forEach(piece -> text.append(piece.text()));
            return text.toString();
        }
    }

    /// @param tokens of the answer up to and including this piece
    record Piece(String text, long tokens) {}

    long count(String text) {
        return counter.count(Tokenizers.O200K, text);
    }

    Echo answer(Exchange exchange, String said) {
        var limit = exchange.request().outputMax().orElse(Long.MAX_VALUE);
        var allowed = Math.min(limit, exchange.outputGranted().orElse(Long.MAX_VALUE));
        var pieces = new ArrayList<Piece>();
        var tokens = 0L;
        for (var word :
                words("This is " + SandboxClient.MODEL + ". You said: " + shortened(said))) {
            var next = tokens + count(word);
            if (next > allowed) {
                return new Echo(pieces, tokens, true);
            }
            tokens = next;
            pieces.add(new Piece(word, tokens));
        }
        return new Echo(pieces, tokens, false);
    }

    private static String shortened(String said) {
        if (said.length() <= ECHO_CHARACTERS_MAX) {
            return said;
        }
        var cutsPair = Character.isHighSurrogate(said.charAt(ECHO_CHARACTERS_MAX - 1));
        return said.substring(0, cutsPair ? ECHO_CHARACTERS_MAX - 1 : ECHO_CHARACTERS_MAX) + "...";
    }

    /// Words with the blank before them.
    private static List<String> words(String text) {
        var words = new ArrayList<String>();
        var from = 0;
        for (var at = 1; at < text.length(); at++) {
            if (text.charAt(at) == ' ' && text.charAt(at - 1) != ' ') {
                words.add(text.substring(from, at));
                from = at;
            }
        }
        words.add(text.substring(from));
        return words;
    }

    /// A vector of length one that depends on nothing but the text.
    static float[] vector(String text, int dimensions) {
        var seed =
                ByteBuffer.wrap(sha256(text.getBytes(StandardCharsets.UTF_8)))
                        .order(ByteOrder.BIG_ENDIAN)
                        .getLong();
        var random = new SplittableRandom(seed);
        var vector = new double[dimensions];
        var square = 0.0;
        for (var at = 0; at < dimensions; at++) {
            vector[at] = random.nextDouble(-1, 1);
            square += vector[at] * vector[at];
        }
        var unit = new float[dimensions];
        for (var at = 0; at < dimensions; at++) {
            unit[at] = (float) (vector[at] / Math.sqrt(square));
        }
        return unit;
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }
}
