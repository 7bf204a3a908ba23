package dev.tollgate.budget;

/// The buckets one budget can have for a subject: one for each measure of a rate, and one for
/// whichever throttle applies.
public enum Pace {
    REQUESTS(Measure.REQUESTS),
    INPUT_TOKENS(Measure.INPUT_TOKENS),
    OUTPUT_TOKENS(Measure.OUTPUT_TOKENS),
    TOTAL_TOKENS(Measure.TOTAL_TOKENS),
    THROTTLE(Measure.TOTAL_TOKENS);

    private final Measure measure;

    Pace(Measure measure) {
        this.measure = measure;
    }

    Measure measure() {
        return measure;
    }

    static Pace of(Rate rate) {
        return switch (rate.measure()) {
            case REQUESTS -> REQUESTS;
            case INPUT_TOKENS -> INPUT_TOKENS;
            case OUTPUT_TOKENS -> OUTPUT_TOKENS;
            case TOTAL_TOKENS -> TOTAL_TOKENS;
            case COST_USD -> throw new IllegalArgumentException("a rate of money");
        };
    }
}
