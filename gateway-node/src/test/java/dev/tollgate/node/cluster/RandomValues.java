package dev.tollgate.node.cluster;

import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.Ask;
import dev.tollgate.budget.Book;
import dev.tollgate.budget.BookImage;
import dev.tollgate.budget.BudgetCharge;
import dev.tollgate.budget.Change;
import dev.tollgate.budget.Command;
import dev.tollgate.budget.CounterKey;
import dev.tollgate.budget.Draw;
import dev.tollgate.budget.Elastic;
import dev.tollgate.budget.Level;
import dev.tollgate.budget.Limits;
import dev.tollgate.budget.Measure;
import dev.tollgate.budget.OutboxEntry;
import dev.tollgate.budget.Pace;
import dev.tollgate.budget.Rate;
import dev.tollgate.budget.Standing;
import dev.tollgate.budget.Throttle;
import dev.tollgate.budget.TokenBucket;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// Values of every kind, from a seed.
final class RandomValues {

    private static final List<String> TEXTS =
            List.of("", "growth", "größer", "a\"b\\c", "\u0000\u001f", "日本", "\uD83D\uDE00");

    private final Random random;

    RandomValues(long seed) {
        this.random = new Random(seed);
    }

    List<Command> commands() {
        return List.of(
                hold(),
                new Command.Checkpoint(id(), number(), amounts()),
                new Command.Extend(id(), number(), ask()),
                settle(),
                charging(),
                seed(),
                new Command.Booked(number(), number(), number()),
                new Command.Open(
                        number(),
                        number(),
                        number(),
                        number(),
                        some(this::id),
                        some(this::hold),
                        some(this::present),
                        some(this::id),
                        random.nextBoolean(),
                        random.nextBoolean()),
                new Command.Orphan(id(), number(), number()),
                new Command.Configure(number(), number()),
                new Command.Correct(
                        id(), number(), number(), id(), some(this::charge), amounts(), bytes()),
                new Command.Reseed(number(), some(this::counter)),
                next());
    }

    List<Command.Result> results() {
        return List.of(
                held(),
                new Command.Extended(number()),
                new Command.Exhausted(
                        standing(), measure(), number(), number(), text(), random.nextBoolean()),
                new Command.Crowded(text(), text(), random.nextInt()),
                new Command.RateLimited(
                        counter(),
                        text(),
                        rate(),
                        random.nextBoolean(),
                        number(),
                        number(),
                        number()),
                new Command.Stale(number()),
                new Command.Unseeded(some(this::counter)),
                new Command.Full(text()),
                new Command.Checkpointed(),
                new Command.Settled(number(), random.nextBoolean(), some(this::standing)),
                new Command.SeedTaken(random.nextBoolean()),
                new Command.BookedIds(some(this::id)),
                new Command.Opened(number()),
                new Command.Orphaned(random.nextInt()),
                new Command.Configured(number()),
                new Command.NotOpen(),
                new Command.OldTerm(number()),
                new Command.Closed(),
                new Command.Reseeded(random.nextInt()),
                new Command.NextResult(
                        new Command.Settled(number(), random.nextBoolean(), some(this::standing)),
                        new Command.Full(text())),
                new Command.NextResult(new Command.Closed(), new Command.NotOpen()),
                new Command.NextResult(new Command.Unsettled(), new Command.Full(text())),
                new Command.Unsettled(),
                new Command.Failed(text()));
    }

    List<Change> changes() {
        return List.of(
                new Change.Shut(number()),
                new Change.Acknowledge(some(this::id)),
                new Change.Take(
                        hold(), number(), amounts(), random.nextInt(), some(this::draw), elastic()),
                new Change.Extend(id(), elastic()),
                new Change.Rejoin(hold(), amounts(), some(this::draw), elastic()),
                new Change.Fill(some(this::level)),
                new Change.Checkpoint(id(), amounts()),
                new Change.Settle(
                        id(),
                        amounts(),
                        bytes(),
                        random.nextBoolean(),
                        random.nextInt(9) - 1,
                        some(this::crossing),
                        random.nextBoolean()),
                new Change.Charge(charging(), amounts(), -1, some(this::crossing)),
                new Change.Join(present()),
                new Change.Seed(seed()),
                new Change.Unseed(some(this::counter)),
                new Change.Booked(number()),
                new Change.Configure(number()),
                new Change.Begin(
                        number(),
                        number(),
                        number(),
                        number(),
                        some(this::id),
                        random.nextInt(),
                        random.nextInt()),
                new Change.Drop(some(this::id)),
                new Change.Finish());
    }

    BookImage image() {
        var phases = List.of(Book.Phase.values());
        return new BookImage(
                number(),
                phases.get(random.nextInt(phases.size())),
                number(),
                number(),
                number(),
                number(),
                number(),
                random.nextInt(),
                random.nextInt(),
                number(),
                number(),
                some(() ->
                        new BookImage.OfCounter(
                                counter(),
                                number(),
                                random.nextBoolean(),
                                amounts(),
                                amounts(),
                                some(() ->
                                        new BookImage.Crossed(
                                                measure(), random.nextInt(2000), number())))),
                some(() ->
                        new BookImage.OfHold(
                                held(),
                                id(),
                                number(),
                                random.nextBoolean(),
                                amounts(),
                                some(this::charge),
                                bytes(),
                                some(this::draw))),
                some(() -> new BookImage.OfEntry(entry(), some(this::counter), amounts())),
                some(() ->
                        new BookImage.OfResult(
                                id(),
                                id(),
                                random.nextBoolean()
                                        ? new Command.Closed()
                                        : new Command.Settled(number(), true, some(this::standing)),
                                number(),
                                random.nextBoolean(),
                                random.nextBoolean())),
                some(this::level));
    }

    List<ReadBook.Question> questions() {
        return List.of(
                new ReadBook.Unbooked(number(), random.nextInt()),
                new ReadBook.Standings(some(this::charge)),
                new ReadBook.Status(),
                new ReadBook.Holds(some(this::id), id()),
                new ReadBook.HoldIds(id(), number(), id()));
    }

    private Command.Held held() {
        return new Command.Held(id(), number(), amounts(), some(this::standing), elastic());
    }

    private Elastic elastic() {
        return new Elastic(number(), amounts());
    }

    private Command.Charge charging() {
        return new Command.Charge(
                id(),
                id(),
                number(),
                number(),
                number(),
                some(this::charge),
                bytes(),
                some(this::id));
    }

    private Command.Seed seed() {
        return new Command.Seed(
                number(),
                number(),
                number(),
                some(() -> new Command.Seed.Seeded(counter(), number(), amounts())));
    }

    private OutboxEntry.Crossing crossing() {
        return new OutboxEntry.Crossing(
                counter(), measure(), random.nextInt(2000), number(), number());
    }

    private Command.Next next() {
        var settle = settle();
        var hold = hold();
        return new Command.Next(
                settle,
                new Command.Hold(
                        hold.id(),
                        hold.incarnation(),
                        settle.term(),
                        hold.configVersion(),
                        hold.nowMillis(),
                        hold.ask(),
                        hold.charges(),
                        hold.facts(),
                        hold.acknowledged()));
    }

    private Command.Open.Present present() {
        return new Command.Open.Present(id(), id(), some(this::charge), amounts(), bytes());
    }

    Command.Hold hold() {
        return new Command.Hold(
                id(),
                id(),
                number(),
                number(),
                number(),
                ask(),
                some(this::charge),
                bytes(),
                some(this::id));
    }

    /// Without charges, of the first term.
    Command.Hold plainHold(long configVersion) {
        return new Command.Hold(
                id(), id(), 1, configVersion, 0, ask(), List.of(), bytes(), List.of());
    }

    Command.Settle settle() {
        return new Command.Settle(id(), number(), number(), amounts(), bytes(), some(this::id));
    }

    OutboxEntry entry() {
        return new OutboxEntry(number(), id(), bytes(), some(this::crossing));
    }

    UUID id() {
        return new UUID(random.nextLong(), random.nextLong());
    }

    private Ask ask() {
        var least = positive();
        return new Ask(
                random.nextInt(2),
                positive(),
                positive(),
                least,
                least + random.nextInt(1000),
                1 + random.nextInt(4),
                positive(),
                random.nextBoolean(),
                least / 2,
                least);
    }

    private BudgetCharge charge() {
        return new BudgetCharge(
                counter(),
                text(),
                random.nextBoolean() ? Long.MAX_VALUE : number(),
                limits(),
                random.nextBoolean() ? Limits.UNLIMITED : limits(),
                random.nextInt(10),
                some(() -> random.nextInt(1000)),
                text(),
                random.nextBoolean(),
                some(this::rate),
                some(() -> new Throttle(limits(), number())),
                random.nextBoolean());
    }

    private Draw draw() {
        return new Draw(id(), text(), pace(), number());
    }

    private Level level() {
        return new Level(id(), text(), pace(), new TokenBucket(rate(), number(), number()));
    }

    private Pace pace() {
        var paces = List.of(Pace.values());
        return paces.get(random.nextInt(paces.size()));
    }

    private Rate rate() {
        var measures =
                List.of(
                        Measure.REQUESTS,
                        Measure.INPUT_TOKENS,
                        Measure.OUTPUT_TOKENS,
                        Measure.TOTAL_TOKENS);
        return new Rate(
                measures.get(random.nextInt(measures.size())),
                1 + random.nextLong(Rate.AMOUNT_MAX),
                1 + random.nextLong(Rate.AMOUNT_MAX));
    }

    private Standing standing() {
        return new Standing(counter(), text(), limits(), amounts(), amounts(), number());
    }

    private CounterKey counter() {
        return new CounterKey(id(), text(), number());
    }

    private Limits limits() {
        return new Limits(limit(), limit(), limit(), limit(), limit());
    }

    private long limit() {
        return random.nextBoolean() ? Limits.NONE_SET : positive();
    }

    private Amounts amounts() {
        return new Amounts(positive(), positive(), positive(), positive());
    }

    private Measure measure() {
        var measures = List.of(Measure.values());
        return measures.get(random.nextInt(measures.size()));
    }

    private long positive() {
        return random.nextLong() >>> (2 + random.nextInt(61));
    }

    private long number() {
        return random.nextLong() >> random.nextInt(64);
    }

    private String text() {
        return TEXTS.get(random.nextInt(TEXTS.size()));
    }

    private byte[] bytes() {
        var bytes = new byte[random.nextInt(300)];
        random.nextBytes(bytes);
        return bytes;
    }

    private <T> List<T> some(Supplier<T> one) {
        return IntStream.range(0, random.nextInt(4)).mapToObj(_ -> one.get()).toList();
    }
}
