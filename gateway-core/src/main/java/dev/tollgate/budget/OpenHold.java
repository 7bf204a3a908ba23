package dev.tollgate.budget;

import java.util.List;
import java.util.UUID;

/// A hold that is not settled yet. Mutable in what checkpoints have told; belongs to a [Book].
final class OpenHold {

    /// What an outcome is expected to add to the facts of a row, for the bound on bytes.
    static final int OUTCOME_BYTES = 1024;

    final UUID id;
    final UUID incarnation;
    final long nowMillis;
    final boolean priced;
    final Amounts amounts;
    final Counted counted;
    final byte[] facts;
    final List<Draw> draws;
    Amounts soFar = Amounts.NONE;
    private Elastic elastic;
    private Command.Held held;

    OpenHold(
            Command.Hold hold,
            Counted counted,
            long outputGranted,
            Amounts amounts,
            List<Draw> draws,
            Elastic elastic) {
        this.id = hold.id();
        this.incarnation = hold.incarnation();
        this.nowMillis = hold.nowMillis();
        this.priced = hold.ask().priced();
        this.amounts = amounts;
        this.counted = counted;
        this.facts = hold.facts();
        this.draws = draws;
        this.elastic = elastic;
        this.held = new Command.Held(id, outputGranted, amounts, List.of(), elastic);
    }

    OpenHold(BookImage.OfHold image, Counted counted) {
        this.id = image.held().id();
        this.incarnation = image.incarnation();
        this.nowMillis = image.nowMillis();
        this.priced = image.priced();
        this.amounts = image.held().held();
        this.counted = counted;
        this.facts = image.facts();
        this.draws = image.draws();
        this.held = image.held();
        this.soFar = image.soFar();
        this.elastic = image.held().elastic();
    }

    BookImage.OfHold image() {
        return new BookImage.OfHold(
                held,
                incarnation,
                nowMillis,
                priced,
                soFar,
                List.of(counted.charges),
                facts,
                draws);
    }

    /// The first answer, which repeats get.
    Command.Held held() {
        return held;
    }

    /// The answer shows the standing at that place, as it is now.
    void show(int tightest) {
        var standing = counted.standing(tightest);
        if (!standing.isEmpty()) {
            held = new Command.Held(id, held.outputGranted(), amounts, standing, elastic);
        }
    }

    Elastic elastic() {
        return elastic;
    }

    /// Covers more; its counters are the caller's to change.
    void extend(Elastic more) {
        elastic = more;
        held = new Command.Held(id, held.outputGranted(), amounts, held.tightest(), elastic);
    }

    /// What elastic budgets hold, the same as all others where nothing is elastic.
    Amounts elasticAmounts() {
        return elastic.isGrowing() ? elastic.amounts() : amounts;
    }

    /// The most it can use without going past what any of its budgets hold.
    Amounts covered() {
        return elastic.isGrowing() ? elastic.amounts().min(amounts) : amounts;
    }

    /// What is held beyond what is posted.
    Amounts rest() {
        return amounts.minus(soFar);
    }

    /// The same of elastic budgets.
    Amounts elasticRest() {
        return elasticAmounts().minus(soFar);
    }

    long bytes() {
        return (long) facts.length + OUTCOME_BYTES;
    }
}
