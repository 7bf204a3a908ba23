package dev.tollgate.loadtest.provider;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// A tokenizer of the simulated provider's own, so that its bill agrees with no gateway by
/// accident.
///
/// It cuts text into tokens whose lengths in UTF-8 bytes follow a seeded cycle. At a ratio of 1 the
/// mean is what byte-pair encodings reach on plain English, 4.8 bytes; at 1.6 it makes 1.6 times as
/// many tokens. Each token takes at least one byte, as with every byte-level encoding, so a text
/// never has more tokens than bytes.
public final class Tokenizer {

    private static final double BYTES_PER_TOKEN = 4.8;

    /// No token of ASCII text is longer, at any ratio from 0.7 up.
    static final int BYTES_MAX = 10;

    private static final int CYCLE = 61;
    private static final int RATIO_STEPS = 91;

    private final int[] lengths = new int[CYCLE];
    private final double ratio;

    private Tokenizer(long seed, double ratio) {
        this.ratio = ratio;
        var random = new SplittableRandom(seed);
        var mean = BYTES_PER_TOKEN / ratio;
        var owed = 0.0;
        for (int i = 0; i < CYCLE; i++) {
            // A spread of a byte and a half around the mean; `owed` keeps the sum on it.
            var wanted = mean + owed + (random.nextDouble() - 0.5) * 3;
            lengths[i] = Math.clamp(Math.round(wanted), 1, BYTES_MAX);
            owed += mean - lengths[i];
        }
    }

    /// The tokenizer of a model, its ratio between 0.7 and 1.6 drawn from the name and the seed.
    public static Tokenizer of(String model, long seed) {
        var mixed = new SplittableRandom(seed ^ ((long) model.hashCode() * 0x9E3779B97F4A7C15L));
        return new Tokenizer(mixed.nextLong(), 0.7 + mixed.nextInt(RATIO_STEPS) / 100.0);
    }

    /// The tokenizer of a model with a ratio of one's choice.
    public static Tokenizer of(String model, long seed, double ratio) {
        if (ratio < 0.6 || ratio > 4) {
            throw new IllegalArgumentException("ratio: " + ratio + " (expected: 0.6 to 4)");
        }
        return new Tokenizer(seed ^ ((long) model.hashCode() * 0x9E3779B97F4A7C15L), ratio);
    }

    public double ratio() {
        return ratio;
    }

    public long count(CharSequence text) {
        var tokens = 0L;
        var taken = 0;
        for (int i = 0; i < text.length(); i++) {
            taken += bytesOf(text.charAt(i));
            if (taken >= lengths[(int) (tokens % CYCLE)] && !splitsPair(text, i)) {
                tokens++;
                taken = 0;
            }
        }
        return taken > 0 ? tokens + 1 : tokens;
    }

    /// The tokens as text, at most `tokensMax` of them. Their concatenation is a prefix of `text`
    /// and counts as many tokens as the list has.
    public List<String> split(String text, long tokensMax) {
        var pieces = new ArrayList<String>();
        var from = 0;
        var taken = 0;
        for (int i = 0; i < text.length() && pieces.size() < tokensMax; i++) {
            taken += bytesOf(text.charAt(i));
            if (taken >= lengths[pieces.size() % CYCLE] && !splitsPair(text, i)) {
                pieces.add(text.substring(from, i + 1));
                from = i + 1;
                taken = 0;
            }
        }
        if (from < text.length() && pieces.size() < tokensMax) {
            pieces.add(text.substring(from));
        }
        return pieces;
    }

    private static boolean splitsPair(CharSequence text, int i) {
        return Character.isHighSurrogate(text.charAt(i))
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
    }

    private static int bytesOf(char c) {
        if (c < 0x80) {
            return 1;
        }
        if (c < 0x800 || Character.isSurrogate(c)) {
            return 2;
        }
        return 3;
    }
}
