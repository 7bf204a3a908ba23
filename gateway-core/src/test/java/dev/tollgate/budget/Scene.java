package dev.tollgate.budget;

import dev.tollgate.budget.Command.Open.Present;
import dev.tollgate.budget.Command.Result;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/// A book under test, opened at 1,000,000 s in epoch 1, and short ways to command it.
final class Scene {

    static final long OPENED = 1_000_000;

    /// Just before the windows of the tests begin.
    static final long OPENED_MILLIS = OPENED * 1000 - 1;

    static final UUID NODE = new UUID(1, 1);
    static final UUID BUDGET = new UUID(2, 1);
    static final UUID OTHER_BUDGET = new UUID(2, 2);

    final Book book;
    long term = 1;
    long configVersion = 1;
    private int ids;

    Scene() {
        this(new Book());
    }

    Scene(Book book) {
        this.book = book;
        open(1, List.of(), List.of());
    }

    /// A book with room for so much only.
    static Scene bounded(int counters, int entries, long bytes) {
        return new Scene(new Book(new Book.Bounds(counters, entries, bytes)));
    }

    Result open(long epoch, List<Command.Hold> holds, List<Present> entries) {
        return book.apply(
                new Command.Open(term, epoch, configVersion, OPENED_MILLIS, holds, entries));
    }

    Command.Open opening(
            long epoch,
            List<UUID> members,
            List<Command.Hold> holds,
            List<Present> entries,
            boolean first,
            boolean last) {
        return new Command.Open(
                term,
                epoch,
                configVersion,
                OPENED_MILLIS,
                members,
                holds,
                entries,
                List.of(),
                first,
                last);
    }

    UUID id() {
        return new UUID(7, ++ids);
    }

    static Limits requests(long limit) {
        return new Limits(
                limit, Limits.NONE_SET, Limits.NONE_SET, Limits.NONE_SET, Limits.NONE_SET);
    }

    static Limits input(long limit) {
        return new Limits(
                Limits.NONE_SET, limit, Limits.NONE_SET, Limits.NONE_SET, Limits.NONE_SET);
    }

    static Limits output(long limit) {
        return new Limits(
                Limits.NONE_SET, Limits.NONE_SET, limit, Limits.NONE_SET, Limits.NONE_SET);
    }

    static Limits total(long limit) {
        return new Limits(
                Limits.NONE_SET, Limits.NONE_SET, Limits.NONE_SET, limit, Limits.NONE_SET);
    }

    static Limits cost(long nanoUsd) {
        return new Limits(
                Limits.NONE_SET, Limits.NONE_SET, Limits.NONE_SET, Limits.NONE_SET, nanoUsd);
    }

    /// The counter of a window that begins when the book opens, and so starts at zero.
    static CounterKey counter(UUID budget, String subject) {
        return new CounterKey(budget, subject, OPENED);
    }

    static BudgetCharge charge(Limits limits) {
        return charge(counter(BUDGET, ""), limits);
    }

    static BudgetCharge charge(CounterKey counter, Limits limits) {
        return new BudgetCharge(
                counter,
                "b" + counter.budgetId().getLeastSignificantBits(),
                counter.windowStart() + 3600,
                limits,
                limits,
                0,
                List.of(),
                "reject");
    }

    static BudgetCharge concurrent(int max) {
        var charge = charge(Limits.UNLIMITED);
        return new BudgetCharge(
                charge.counter(),
                charge.budget(),
                charge.windowEnd(),
                charge.limits(),
                charge.ceilings(),
                max,
                List.of(),
                "reject");
    }

    static BudgetCharge alerting(CounterKey counter, Limits limits, Integer... perMille) {
        return new BudgetCharge(
                counter,
                "soft",
                Long.MAX_VALUE,
                limits,
                Limits.UNLIMITED,
                0,
                List.of(perMille),
                "alert");
    }

    static BudgetCharge notCounting(CounterKey counter, Limits limits, Limits ceilings) {
        return new BudgetCharge(
                counter,
                "blocking",
                Long.MAX_VALUE,
                limits,
                ceilings,
                0,
                List.of(),
                "block",
                false);
    }

    /// One request, 10 tokens in, `output` out, free.
    static Ask ask(long output) {
        return new Ask(1, 10, 0, output, output, 1, 0);
    }

    static Ask between(long outputMin, long outputMax) {
        return new Ask(1, 10, 0, outputMin, outputMax, 1, 0);
    }

    static Amounts used(long input, long output) {
        return new Amounts(1, input, output, 0);
    }

    Command.Hold holding(UUID id, Ask ask, BudgetCharge... charges) {
        return new Command.Hold(
                id,
                NODE,
                term,
                configVersion,
                OPENED * 1000,
                ask,
                List.of(charges),
                bytes("\"id\":\"" + id + "\""),
                List.of());
    }

    Result hold(Ask ask, BudgetCharge... charges) {
        return book.apply(holding(id(), ask, charges));
    }

    Command.Held held(Ask ask, BudgetCharge... charges) {
        return (Command.Held) hold(ask, charges);
    }

    Command.Settle settling(UUID id, Amounts used) {
        return new Command.Settle(
                id, term, OPENED * 1000, used, bytes("\"status\":\"ok\""), List.of());
    }

    Result settle(UUID id, Amounts used) {
        return book.apply(settling(id, used));
    }

    Command.Settled settled(UUID id, Amounts used) {
        return (Command.Settled) settle(id, used);
    }

    /// Holds and settles.
    Command.Settled spend(Amounts used, BudgetCharge... charges) {
        var ask = new Ask(used.requests(), used.inputTokens(), 0, 0, used.outputTokens(), 1, 0);
        return settled(held(ask, charges).id(), used);
    }

    Result booked(long through) {
        return book.apply(new Command.Booked(term, epoch(), through));
    }

    boolean seed(CounterKey counter, Amounts posted, long bookedThrough) {
        var seeded = new Command.Seed.Seeded(counter, counter.windowStart() + 3600, posted);
        var seed = new Command.Seed(term, epoch(), bookedThrough, List.of(seeded));
        return ((Command.SeedTaken) book.apply(seed)).taken();
    }

    long epoch() {
        return book.status().epoch();
    }

    Standing standing(BudgetCharge charge) {
        return book.standings(List.of(charge)).known().getFirst();
    }

    String firstRow() {
        return new String(book.unbooked(0, 1).getFirst().row(), StandardCharsets.UTF_8);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
