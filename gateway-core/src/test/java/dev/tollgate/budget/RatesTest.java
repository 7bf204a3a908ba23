package dev.tollgate.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.budget.Command.Held;
import dev.tollgate.budget.Command.RateLimited;
import dev.tollgate.property.Property;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RatesTest {

    private static final long START = Scene.OPENED * 1000;
    private static final UUID OTHER_NODE = new UUID(1, 2);

    private final Scene scene = new Scene();
    private long now = START;

    @Test
    void lets_the_burst_through_and_then_the_rate() {
        var charge = rated(new Rate(Measure.REQUESTS, 60, 2));

        assertThat(hold(Scene.ask(1), charge)).isInstanceOf(Held.class);
        assertThat(hold(Scene.ask(1), charge)).isInstanceOf(Held.class);
        var third = (RateLimited) hold(Scene.ask(1), charge);

        assertThat(third.rate()).isEqualTo(new Rate(Measure.REQUESTS, 60, 2));
        assertThat(third.waitMillis()).isEqualTo(1_000);
        assertThat(third.throttled()).isFalse();
        now += 999;
        assertThat(hold(Scene.ask(1), charge)).isInstanceOf(RateLimited.class);
        now += 1;
        assertThat(hold(Scene.ask(1), charge)).isInstanceOf(Held.class);
    }

    @Test
    void takes_the_worst_case_and_gives_back_what_was_not_used() {
        var charge = rated(tokens(600, 1_000));

        var held = held(Scene.ask(900), charge);
        assertThat(((RateLimited) hold(Scene.ask(900), charge)).left()).isEqualTo(90);
        settle(held, Scene.used(10, 100));

        assertThat(left(charge)).isEqualTo(890);
    }

    @Test
    void owes_what_was_used_beyond_the_worst_case() {
        var charge = rated(tokens(600, 1_000));

        settle(held(Scene.ask(900), charge), Scene.used(10, 1_590));

        assertThat(left(charge)).isZero();
        now += 60_000;
        assertThat(left(charge)).isZero();
        now += 6_000;
        assertThat(left(charge)).isEqualTo(60);
    }

    @Test
    void gives_nothing_back_for_an_orphan() {
        var charge = rated(tokens(600, 1_000));
        held(Scene.ask(900), charge);

        scene.book.apply(new Command.Orphan(Scene.NODE, scene.term, now));

        assertThat(left(charge)).isEqualTo(90);
    }

    @Test
    void never_lets_through_what_is_larger_than_the_burst() {
        var limited = (RateLimited) hold(Scene.ask(991), rated(tokens(600, 1_000)));

        assertThat(limited.waitMillis()).isEqualTo(TokenBucket.NEVER);
        assertThat(limited.asked()).isEqualTo(1_001);
    }

    @Test
    void shortens_an_answer_to_what_the_bucket_has() {
        var charge = rated(tokens(600, 1_000));

        assertThat(held(Scene.between(100, 5_000), charge).outputGranted()).isEqualTo(990);
        var limited = (RateLimited) hold(Scene.between(100, 5_000), charge);

        assertThat(limited.waitMillis()).isEqualTo(11_000);
    }

    @Test
    void names_the_rate_that_takes_longest() {
        var charge =
                rated(
                        new Rate(Measure.REQUESTS, 6, 1),
                        new Rate(Measure.OUTPUT_TOKENS, 1, 10),
                        tokens(600, 1_000));
        held(Scene.ask(10), charge);

        var limited = (RateLimited) hold(Scene.ask(10), charge);

        assertThat(limited.rate().measure()).isEqualTo(Measure.OUTPUT_TOKENS);
        assertThat(limited.waitMillis()).isEqualTo(600_000);
    }

    @Test
    void takes_nothing_when_another_budget_refuses() {
        var charge = rated(tokens(600, 1_000));
        var full = Scene.charge(Scene.counter(Scene.OTHER_BUDGET, ""), Scene.requests(0));

        assertThat(hold(Scene.ask(10), charge, full)).isInstanceOf(Command.Exhausted.class);

        assertThat(left(charge)).isEqualTo(1_000);
    }

    @Test
    void a_repeat_takes_nothing() {
        var charge = rated(tokens(600, 1_000));
        var hold = holding(Scene.NODE, Scene.ask(90), charge);

        scene.book.apply(hold);
        scene.book.apply(hold);

        assertThat(left(charge)).isEqualTo(900);
    }

    @Test
    void each_subject_has_its_own_bucket() {
        var charge = rated("a", tokens(600, 100));

        held(Scene.ask(90), charge);

        assertThat(hold(Scene.ask(90), charge)).isInstanceOf(RateLimited.class);
        assertThat(hold(Scene.ask(90), rated("b", tokens(600, 100)))).isInstanceOf(Held.class);
    }

    @Test
    void a_bucket_outlives_its_window() {
        held(Scene.ask(90), rated(tokens(600, 100)));
        var next =
                charge(
                        new CounterKey(Scene.BUDGET, "", Scene.OPENED + 3600),
                        Scene.requests(5),
                        List.of(tokens(600, 100)),
                        List.of());

        assertThat(hold(Scene.ask(90), next)).isInstanceOf(RateLimited.class);
    }

    @Test
    void a_changed_rate_keeps_the_bucket() {
        held(Scene.ask(90), rated(tokens(60, 100)));

        assertThat(left(rated(tokens(6_000, 5_000)))).isZero();
        now += 1_000;
        assertThat(left(rated(tokens(6_000, 5_000)))).isEqualTo(100);
    }

    @Test
    void a_cache_hit_costs_a_request() {
        var charge = rated(new Rate(Measure.REQUESTS, 60, 1));

        assertThat(charged(charge)).isInstanceOf(Command.Settled.class);
        assertThat(charged(charge)).isInstanceOf(RateLimited.class);
    }

    // --- throttles ---

    @Test
    void throttles_from_its_threshold_on() {
        var charge = throttled(new Throttle(Scene.output(1_000), 120));
        settle(held(Scene.ask(999), charge), Scene.used(10, 999));

        var last = held(Scene.ask(999), charge);
        var limited = (RateLimited) hold(Scene.ask(111), charge);
        var fitting = held(Scene.ask(110), charge);

        assertThat(last.outputGranted()).isEqualTo(999);
        assertThat(limited.throttled()).isTrue();
        assertThat(limited.waitMillis()).isEqualTo(TokenBucket.NEVER);
        assertThat(limited.rate()).isEqualTo(tokens(120, 120));
        settle(fitting, Scene.used(10, 50));
        assertThat(((RateLimited) hold(Scene.ask(110), charge)).left()).isEqualTo(60);
        // What was held before the threshold was never taken from the bucket.
        settle(last, Scene.used(1, 1));
        assertThat(((RateLimited) hold(Scene.ask(110), charge)).left()).isEqualTo(60);
    }

    @Test
    void the_last_throttle_that_has_begun_applies() {
        var charge =
                throttled(
                        new Throttle(Scene.output(100), 600), new Throttle(Scene.output(200), 60));
        settle(held(Scene.ask(150), charge), Scene.used(10, 150));
        settle(held(Scene.ask(100), charge), Scene.used(10, 100));

        var limited = (RateLimited) hold(Scene.ask(100), charge);

        assertThat(limited.rate().perMinute()).isEqualTo(60);
    }

    // --- terms ---

    @Test
    void a_bucket_outlives_an_opening() {
        var charge = rated(tokens(60, 1_000));
        settle(held(Scene.ask(890), charge), Scene.used(10, 890));
        scene.booked(1);

        scene.open(2, List.of(), List.of());
        scene.seed(charge.counter(), Scene.used(10, 890), scene.book.status().bookedThrough());

        assertThat(left(charge)).isEqualTo(100);
    }

    @Test
    void a_hold_from_a_journal_gives_back_what_it_drew() {
        var charge = rated(tokens(60, 1_000));
        var hold = holding(Scene.NODE, Scene.ask(890), charge);
        scene.book.apply(hold);

        reopen(List.of(Scene.NODE), List.of(hold.granted(890)), List.of());
        scene.seed(charge.counter(), Amounts.NONE, scene.book.status().bookedThrough());
        assertThat(left(charge)).isEqualTo(100);
        scene.book.apply(scene.settling(hold.id(), Scene.used(10, 40)));

        assertThat(left(charge)).isEqualTo(950);
    }

    @Test
    void an_entry_from_a_journal_gives_back_what_it_did_not_use() {
        var charge = rated(tokens(60, 1_000));
        var hold = holding(Scene.NODE, Scene.ask(890), charge);
        scene.book.apply(hold);

        reopen(
                List.of(Scene.NODE),
                List.of(),
                List.of(
                        new Command.Open.Present(
                                hold.id(),
                                Scene.NODE,
                                List.of(charge),
                                Scene.used(10, 40),
                                new byte[0])));
        scene.booked(1);
        scene.seed(charge.counter(), Scene.used(10, 40), 1);

        assertThat(left(charge)).isEqualTo(950);
    }

    @Test
    void a_hold_that_a_book_never_knew_draws_nothing() {
        var charge = rated(tokens(60, 1_000));
        var hold = holding(OTHER_NODE, Scene.ask(890), charge);

        reopen(List.of(OTHER_NODE), List.of(hold.granted(890)), List.of());
        scene.seed(charge.counter(), Amounts.NONE, scene.book.status().bookedThrough());
        scene.book.apply(scene.settling(hold.id(), Scene.used(10, 40)));

        assertThat(left(charge)).isEqualTo(1_000);
    }

    /// A copy of the book, taken at any moment, goes on alike, and so does a backup.
    @Property(tries = 50)
    void copies_have_the_same_buckets(long seed) {
        var random = new Random(seed);
        var charges =
                List.of(
                        rated(new Rate(Measure.REQUESTS, 600, 5), tokens(60_000, 3_000)),
                        throttled(new Throttle(Scene.output(500), 20_000)));
        var backup = Book.of(scene.book.image());
        var open = new ArrayList<Held>();
        for (var step = 0; step < 100; step++) {
            now += random.nextInt(300) - 100;
            var changes = new ArrayList<Change>();
            var version = scene.book.version();
            if (open.isEmpty() || random.nextBoolean()) {
                var charge = charges.get(random.nextInt(charges.size()));
                var hold = holding(Scene.NODE, Scene.ask(1 + random.nextInt(900)), charge);
                if (scene.book.apply(hold, changes::add) instanceof Held held) {
                    open.add(held);
                }
            } else {
                var held = open.remove(random.nextInt(open.size()));
                scene.book.apply(
                        settling(held.id(), Scene.used(10, random.nextInt(1_000))), changes::add);
            }
            Book.replicate(backup, version, changes);
        }

        assertThat(backup.image().levels()).isEqualTo(scene.book.image().levels());
        assertThat(Book.of(scene.book.image()).image().levels()).isNotEmpty();
        assertThat(Book.of(scene.book.image()).image().levels())
                .isEqualTo(scene.book.image().levels());
    }

    /// From any moment at which nothing is in flight, no more is used than burst and rate allow,
    /// however the clocks of two nodes differ.
    @Property(tries = 100)
    void no_more_is_used_than_burst_and_rate_allow(long seed) {
        var random = new Random(seed);
        var rate = tokens(1 + random.nextInt(60_000), 50 + random.nextInt(3_000));
        var charge = rated(rate);
        var skew = random.nextInt(300);
        var open = new ArrayList<Held>();
        var real = START;
        var used = 0L;
        for (var step = 0; step < 300; step++) {
            real += random.nextInt(500);
            now = real - (random.nextBoolean() ? skew : 0);
            if (!open.isEmpty() && random.nextInt(3) == 0) {
                var held = open.remove(random.nextInt(open.size()));
                var output = random.nextLong(held.held().outputTokens() + 1);
                settle(held, Scene.used(10, output));
                used += 10 + output;
            } else if (hold(Scene.ask(random.nextInt(1_000)), charge) instanceof Held held) {
                open.add(held);
            }
            var allowed = rate.burst() * 60_000 + (real - START + skew) * rate.perMinute();
            assertThat(used * 60_000).isLessThanOrEqualTo(allowed);
        }
    }

    // --- ways to say it ---

    private static Rate tokens(long perMinute, long burst) {
        return new Rate(Measure.TOTAL_TOKENS, perMinute, burst);
    }

    private static BudgetCharge rated(Rate... rates) {
        return rated("", rates);
    }

    private static BudgetCharge rated(String subject, Rate... rates) {
        return charge(
                Scene.counter(Scene.BUDGET, subject), Limits.UNLIMITED, List.of(rates), List.of());
    }

    private static BudgetCharge throttled(Throttle... throttles) {
        return charge(
                Scene.counter(Scene.OTHER_BUDGET, ""),
                Limits.UNLIMITED,
                List.of(),
                List.of(throttles));
    }

    private static BudgetCharge charge(
            CounterKey counter, Limits limits, List<Rate> rates, List<Throttle> throttles) {
        return new BudgetCharge(
                counter,
                "b",
                counter.windowStart() + 3600,
                limits,
                limits,
                0,
                List.of(),
                "reject",
                true,
                rates,
                throttles);
    }

    private Command.Hold holding(UUID node, Ask ask, BudgetCharge... charges) {
        return new Command.Hold(
                scene.id(),
                node,
                scene.term,
                scene.configVersion,
                now,
                ask,
                List.of(charges),
                new byte[0],
                List.of());
    }

    private Command.Result hold(Ask ask, BudgetCharge... charges) {
        return scene.book.apply(holding(Scene.NODE, ask, charges));
    }

    private Held held(Ask ask, BudgetCharge... charges) {
        return (Held) hold(ask, charges);
    }

    private Command.Settle settling(UUID id, Amounts used) {
        return new Command.Settle(id, scene.term, now, used, new byte[0], List.of());
    }

    private void settle(Held held, Amounts used) {
        assertThat(scene.book.apply(settling(held.id(), used))).isInstanceOf(Command.Settled.class);
    }

    private Command.Result charged(BudgetCharge charge) {
        return scene.book.apply(
                new Command.Charge(
                        scene.id(),
                        Scene.NODE,
                        scene.term,
                        scene.configVersion,
                        now,
                        List.of(charge),
                        new byte[0],
                        List.of()));
    }

    private void reopen(
            List<UUID> members, List<Command.Hold> holds, List<Command.Open.Present> entries) {
        scene.book.apply(
                new Command.Open(
                        scene.term,
                        scene.epoch() + 1,
                        1,
                        Scene.OPENED_MILLIS,
                        members,
                        holds,
                        entries,
                        List.of(),
                        true,
                        true));
    }

    /// What the bucket of the charge's last rate has, asked for in vain.
    private long left(BudgetCharge charge) {
        var most = charge.rates().getLast().burst();
        return hold(Scene.ask(most), charge) instanceof RateLimited limited ? limited.left() : most;
    }
}
