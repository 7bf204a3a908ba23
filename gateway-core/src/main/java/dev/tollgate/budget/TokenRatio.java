package dev.tollgate.budget;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// How many tokens providers bill for each one we count, by provider and model: the most seen of
/// late. Learned from settled requests whose input was counted. Any thread.
final class TokenRatio {

    /// Until enough is known: tokenizers of other makers have been seen at 0.7 to 1.6 times ours.
    static final int PRIOR_PER_MILLE = 2_000;

    static final int SAMPLES_MIN = 8;
    static final int SAMPLES = 64;
    static final int MARGIN_PER_MILLE = 50;

    /// Model names can come from callers.
    static final int MODELS_MAX = 1_000;

    private final Map<String, Samples> samples = new ConcurrentHashMap<>();

    /// What `counted` tokens can be billed as, with a margin.
    long bound(String provider, String model, long counted) {
        return scaled(counted, perMille(provider, model) + MARGIN_PER_MILLE);
    }

    /// What `counted` tokens are likely billed as, rather too many than too few.
    long estimate(String provider, String model, long counted) {
        return scaled(counted, perMille(provider, model));
    }

    void observe(String provider, String model, long counted, long billed) {
        if (counted <= 0 || billed <= 0) {
            return;
        }
        var key = key(provider, model);
        if (samples.size() < MODELS_MAX || samples.containsKey(key)) {
            var perMille = Math.min(Math.ceilDiv(billed * 1000, counted), 1_000_000);
            samples.computeIfAbsent(key, _ -> new Samples()).add((int) perMille);
        }
    }

    private int perMille(String provider, String model) {
        var known = samples.get(key(provider, model));
        return known == null ? PRIOR_PER_MILLE : known.most();
    }

    private static long scaled(long counted, int perMille) {
        return Math.ceilDiv(counted * perMille, 1000L);
    }

    private static String key(String provider, String model) {
        return provider + '/' + model;
    }

    /// The last [#SAMPLES] ratios of one model.
    private static final class Samples {

        private final int[] ring = new int[SAMPLES];
        private int count;

        synchronized void add(int perMille) {
            ring[count++ % SAMPLES] = perMille;
            if (count == 2 * SAMPLES) {
                count = SAMPLES;
            }
        }

        synchronized int most() {
            if (count < SAMPLES_MIN) {
                return PRIOR_PER_MILLE;
            }
            var most = 0;
            for (var i = 0; i < Math.min(count, SAMPLES); i++) {
                most = Math.max(most, ring[i]);
            }
            return most;
        }
    }
}
