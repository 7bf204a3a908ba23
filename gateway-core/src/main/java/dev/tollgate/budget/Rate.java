package dev.tollgate.budget;

/// How fast a subject may go in one measure: a token bucket that fills by so much a minute and
/// holds so much.
///
/// @param measure anything but [Measure#COST_USD]
/// @param burst the most at once
public record Rate(Measure measure, long perMinute, long burst) {

    /// Of either. A bucket's level fits a `long` in sixty-thousandths.
    public static final long AMOUNT_MAX = 1_000_000_000_000L;

    public Rate {
        if (measure == Measure.COST_USD
                || perMinute < 1
                || perMinute > AMOUNT_MAX
                || burst < 1
                || burst > AMOUNT_MAX) {
            throw new IllegalArgumentException(
                    "rate: "
                            + measure
                            + " "
                            + perMinute
                            + "/"
                            + burst
                            + " (expected: no cost, 1 to "
                            + AMOUNT_MAX
                            + ")");
        }
    }
}
