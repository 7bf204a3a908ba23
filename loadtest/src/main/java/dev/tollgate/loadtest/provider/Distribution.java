package dev.tollgate.loadtest.provider;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// How a duration varies from one sample to the next.
public sealed interface Distribution {

    Distribution ZERO = new Fixed(Duration.ZERO);

    static Distribution fixed(Duration value) {
        return new Fixed(value);
    }

    static Distribution uniform(Duration from, Duration to) {
        return new Uniform(from, to);
    }

    /// Half the samples are under `median`; `sigma` is the spread of the logarithm: 0.5 gives a p99
    /// of about three medians.
    static Distribution lognormal(Duration median, double sigma) {
        return new LogNormal(median, sigma);
    }

    /// The gap between tokens at a steady rate.
    static Distribution ofRate(double tokensPerSecond) {
        return new Fixed(Duration.ofNanos((long) (1e9 / tokensPerSecond)));
    }

    /// One sample in nanoseconds, never negative.
    long sampleNanos(RandomGenerator random);

    /// Always the same.
    record Fixed(Duration value) implements Distribution {
        @Override
        public long sampleNanos(RandomGenerator random) {
            return value.toNanos();
        }
    }

    /// Evenly between two values.
    record Uniform(Duration from, Duration to) implements Distribution {
        public Uniform {
            if (to.compareTo(from) < 0) {
                throw new IllegalArgumentException("to: " + to + " (expected: >= " + from + ")");
            }
        }

        @Override
        public long sampleNanos(RandomGenerator random) {
            var low = from.toNanos();
            return low + random.nextLong(to.toNanos() - low + 1);
        }
    }

    /// A long tail, as the latencies of real providers have.
    record LogNormal(Duration median, double sigma) implements Distribution {
        @Override
        public long sampleNanos(RandomGenerator random) {
            return (long) (median.toNanos() * Math.exp(sigma * random.nextGaussian()));
        }
    }
}
