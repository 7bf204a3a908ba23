package dev.tollgate.budget;

import static dev.tollgate.budget.Scene.BUDGET;
import static dev.tollgate.budget.Scene.NODE;
import static dev.tollgate.budget.Scene.OPENED;
import static dev.tollgate.budget.Scene.OTHER_BUDGET;
import static dev.tollgate.budget.Scene.ask;
import static dev.tollgate.budget.Scene.between;
import static dev.tollgate.budget.Scene.bytes;
import static dev.tollgate.budget.Scene.charge;
import static dev.tollgate.budget.Scene.concurrent;
import static dev.tollgate.budget.Scene.cost;
import static dev.tollgate.budget.Scene.counter;
import static dev.tollgate.budget.Scene.input;
import static dev.tollgate.budget.Scene.notCounting;
import static dev.tollgate.budget.Scene.output;
import static dev.tollgate.budget.Scene.requests;
import static dev.tollgate.budget.Scene.total;
import static dev.tollgate.budget.Scene.used;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.budget.Command.Closed;
import dev.tollgate.budget.Command.Crowded;
import dev.tollgate.budget.Command.Exhausted;
import dev.tollgate.budget.Command.Full;
import dev.tollgate.budget.Command.Held;
import dev.tollgate.budget.Command.NotOpen;
import dev.tollgate.budget.Command.OldTerm;
import dev.tollgate.budget.Command.Stale;
import dev.tollgate.budget.Command.Unseeded;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What a book answers to holds, checkpoints and settlements.
class BookTest {

    private final Scene scene = new Scene();

    @Test
    void holds_all_that_is_asked_when_it_fits() {
        var limit = charge(total(100));

        var held = scene.held(ask(90), limit);

        assertThat(held.outputGranted()).isEqualTo(90);
        assertThat(held.held()).isEqualTo(used(10, 90));
        assertThat(scene.standing(limit).held()).isEqualTo(used(10, 90));
        assertThat(scene.standing(limit).remaining(Measure.TOTAL_TOKENS)).isZero();
    }

    @Test
    void grants_the_largest_output_that_fits() {
        var held = scene.held(between(5, 500), charge(total(100)));

        assertThat(held.outputGranted()).isEqualTo(90);
    }

    @Test
    void grants_the_largest_output_that_every_budget_has_room_for() {
        var many = charge(counter(BUDGET, ""), output(400));
        var few = charge(counter(OTHER_BUDGET, ""), output(30));

        assertThat(scene.held(between(5, 500), many, few).outputGranted()).isEqualTo(30);
    }

    @Test
    void grants_by_price_when_cost_is_what_is_short() {
        var dear = new Ask(1, 10, 10_000, 1, 1_000, 2, 3_000);

        var held = scene.held(dear, charge(cost(100)));

        // 10 nano-USD for the input, then 2 choices of 3 nano-USD a token: 15 tokens each.
        assertThat(held.outputGranted()).isEqualTo(15);
        assertThat(held.held()).isEqualTo(new Amounts(1, 10, 30, 100));
    }

    @Test
    void refuses_when_not_even_the_least_output_fits() {
        var limit = charge(output(100));
        scene.spend(used(10, 80), limit);

        var answer = scene.hold(between(21, 50), limit);

        assertThat(answer)
                .isEqualTo(
                        new Exhausted(
                                scene.standing(limit),
                                Measure.OUTPUT_TOKENS,
                                21,
                                100,
                                "reject",
                                false));
    }

    @Test
    void says_when_holds_in_flight_are_all_that_is_in_the_way() {
        var limit = charge(output(100));
        scene.held(ask(80), limit);

        var answer = (Exhausted) scene.hold(ask(50), limit);

        assertThat(answer.freeable()).isTrue();
        assertThat(answer.standing().held()).isEqualTo(used(10, 80));
    }

    @Test
    void takes_from_no_budget_when_one_lacks_room() {
        var wide = charge(counter(BUDGET, ""), total(1_000));
        var narrow = charge(counter(OTHER_BUDGET, ""), total(50));

        var answer = (Exhausted) scene.hold(ask(90), wide, narrow);

        assertThat(answer.standing().budget()).isEqualTo("b2");
        assertThat(scene.standing(wide).held()).isEqualTo(Amounts.NONE);
        assertThat(scene.book.status().counters()).isZero();
        assertThat(scene.book.status().holds()).isZero();
    }

    @Test
    void asks_nothing_of_a_measure_that_is_spent_when_nothing_of_it_is_asked() {
        var limit = charge(output(100));
        scene.spend(used(10, 130), charge(counter(BUDGET, ""), output(130)));

        var embedding = new Ask(1, 10, 0, 0, 0, 1, 0);

        assertThat(scene.hold(embedding, limit)).isInstanceOf(Held.class);
        assertThat(scene.hold(ask(1), limit)).isInstanceOf(Exhausted.class);
    }

    @Test
    void admits_exactly_fifty_of_a_thousand_requests_under_a_limit_of_fifty() {
        var limit = charge(requests(50));

        var held = 0;
        for (var call = 0; call < 1_000; call++) {
            held += scene.hold(ask(5), limit) instanceof Held ? 1 : 0;
        }

        assertThat(held).isEqualTo(50);
        assertThat(scene.standing(limit).held().requests()).isEqualTo(50);
    }

    @Test
    void gives_a_new_window_a_counter_of_its_own() {
        var limit = requests(1);
        var before = charge(new CounterKey(BUDGET, "", OPENED), limit);
        var after = charge(new CounterKey(BUDGET, "", OPENED + 3600), limit);
        var held = scene.held(ask(5), before);

        assertThat(scene.hold(ask(5), before)).isInstanceOf(Exhausted.class);
        assertThat(scene.hold(ask(5), after)).isInstanceOf(Held.class);
        scene.settled(held.id(), used(10, 5));

        assertThat(scene.standing(before).posted()).isEqualTo(used(10, 5));
        assertThat(scene.standing(after).posted()).isEqualTo(Amounts.NONE);
    }

    @Test
    void asks_for_a_seed_of_a_window_that_began_in_the_millisecond_it_opened_in() {
        var book = new Book();
        book.apply(new Command.Open(1, 1, 1, OPENED * 1000, List.of(), List.of()));
        var limit = charge(new CounterKey(BUDGET, "", OPENED), requests(1));

        assertThat(book.apply(scene.holding(scene.id(), ask(5), limit)))
                .isEqualTo(new Command.Unseeded(List.of(limit.counter())));
    }

    @Test
    void counts_requests_in_flight_over_all_windows_of_a_subject() {
        var limit = concurrent(1);
        var later =
                new BudgetCharge(
                        new CounterKey(BUDGET, "", OPENED + 3600),
                        limit.budget(),
                        limit.windowEnd(),
                        limit.limits(),
                        limit.ceilings(),
                        1,
                        List.of(),
                        "reject");
        var held = scene.held(ask(5), limit);

        assertThat(scene.hold(ask(5), later)).isEqualTo(new Crowded("b1", "", 1));
        scene.settled(held.id(), used(1, 1));

        assertThat(scene.hold(ask(5), later)).isInstanceOf(Held.class);
        assertThat(scene.book.inFlight(BUDGET, "")).isEqualTo(1);
    }

    @Test
    void refuses_what_does_not_count_once_the_counter_has_reached_the_point() {
        var counter = counter(BUDGET, "");
        var blocked = notCounting(counter, output(100), output(80));
        scene.held(ask(90), charge(counter, output(100)));

        assertThat(scene.hold(ask(500), blocked)).isInstanceOf(Held.class);
        scene.spend(used(1, 0), charge(counter, Limits.UNLIMITED));
        var spending = scene.held(ask(80), charge(counter, Limits.UNLIMITED));
        scene.settled(spending.id(), used(1, 80));

        var answer = (Exhausted) scene.hold(ask(1), blocked);
        assertThat(answer.action()).isEqualTo("block");
        assertThat(answer.ceiling()).isEqualTo(80);
        assertThat(answer.asked()).isZero();
        assertThat(answer.freeable()).isFalse();
    }

    @Test
    void takes_nothing_from_a_budget_it_does_not_count_for() {
        var counter = counter(BUDGET, "");
        var held = scene.held(ask(5), notCounting(counter, output(100), output(80)));

        scene.settled(held.id(), used(10, 5));

        assertThat(scene.standing(charge(counter, output(100))).posted()).isEqualTo(Amounts.NONE);
        assertThat(scene.book.inFlight(BUDGET, "")).isZero();
    }

    @Test
    void answers_a_repeat_of_an_open_hold_with_the_first_answer() {
        var limit = charge(requests(1));
        var hold = scene.holding(scene.id(), ask(5), limit);

        var first = scene.book.apply(hold);
        var second = scene.book.apply(hold);

        assertThat(second).isSameAs(first);
        assertThat(scene.standing(limit).held().requests()).isEqualTo(1);
    }

    @Test
    void does_not_reopen_a_hold_that_is_settled() {
        var hold = scene.holding(scene.id(), ask(5), charge(requests(10)));
        scene.book.apply(hold);
        scene.settled(hold.id(), used(10, 5));

        assertThat(scene.book.apply(hold)).isEqualTo(new Closed());
    }

    @Test
    void refuses_in_the_documented_order() {
        var narrow = charge(requests(0));
        var unknown = charge(new CounterKey(OTHER_BUDGET, "", 0), requests(0));
        var crowded = new Scene();
        crowded.held(ask(1), concurrent(1));
        scene.term = 5;
        scene.open(2, List.of(), List.of());
        scene.book.apply(new Command.Configure(5, 3));

        scene.term = 4;
        assertThat(new Book().apply(scene.holding(scene.id(), ask(1), unknown, narrow)))
                .isEqualTo(new NotOpen());
        assertThat(scene.hold(ask(1), unknown, narrow)).isEqualTo(new OldTerm(5));
        scene.term = 5;
        assertThat(scene.hold(ask(1), unknown, narrow)).isEqualTo(new Stale(3));
        scene.configVersion = 3;
        assertThat(scene.hold(ask(1), narrow, unknown))
                .isEqualTo(new Unseeded(List.of(unknown.counter())));
        assertThat(
                        crowded.hold(
                                ask(1),
                                charge(counter(OTHER_BUDGET, ""), requests(0)),
                                concurrent(1)))
                .isInstanceOf(Crowded.class);
    }

    @Test
    void is_full_when_every_open_hold_could_fill_the_outbox() {
        var small = Scene.bounded(10, 2, 1 << 20);
        var first = small.held(ask(1));
        small.held(ask(1));

        assertThat(small.hold(ask(1))).isEqualTo(new Full("entries not yet booked"));
        var settled = small.settled(first.id(), used(1, 1));
        assertThat(small.hold(ask(1))).isInstanceOf(Full.class);
        small.booked(settled.seq());

        assertThat(small.hold(ask(1))).isInstanceOf(Held.class);
    }

    @Test
    void is_full_when_the_rows_are_too_many_bytes() {
        var small = Scene.bounded(10, 100, 2_400);
        var held = small.held(ask(1));
        small.held(ask(1));

        assertThat(small.hold(ask(1))).isEqualTo(new Full("bytes not yet booked"));
        small.booked(small.settled(held.id(), used(1, 1)).seq());

        assertThat(small.hold(ask(1))).isInstanceOf(Held.class);
    }

    @Test
    void is_full_when_every_counter_is_in_use() {
        var small = Scene.bounded(2, 100, 1 << 20);
        var first = small.held(ask(1), charge(counter(BUDGET, "a"), requests(9)));
        small.held(ask(1), charge(counter(BUDGET, "b"), requests(9)));
        var third = charge(counter(BUDGET, "c"), requests(9));

        assertThat(small.hold(ask(1), third)).isEqualTo(new Full("counters"));
        small.booked(small.settled(first.id(), used(1, 1)).seq());

        assertThat(small.hold(ask(1), third)).isInstanceOf(Held.class);
        assertThat(small.book.status().counters()).isEqualTo(2);
    }

    @Test
    void reads_a_counter_that_had_to_leave_from_the_ledger_again() {
        var small = Scene.bounded(1, 100, 1 << 20);
        var first = charge(counter(BUDGET, "a"), requests(9));
        small.booked(small.spend(used(1, 1), first).seq());
        small.booked(small.spend(used(1, 1), charge(counter(BUDGET, "b"), requests(9))).seq());

        assertThat(small.hold(ask(1), first)).isEqualTo(new Unseeded(List.of(first.counter())));
        assertThat(small.seed(first.counter(), used(1, 1), 2)).isTrue();

        assertThat(small.hold(ask(1), first)).isInstanceOf(Held.class);
        assertThat(small.standing(first).posted()).isEqualTo(used(1, 1));
    }

    @Test
    void moves_a_checkpoint_from_held_to_posted() {
        var limit = charge(output(100));
        var held = scene.held(ask(80), limit);

        scene.book.apply(new Command.Checkpoint(held.id(), 1, used(10, 30)));
        scene.book.apply(new Command.Checkpoint(held.id(), 1, used(10, 20)));

        assertThat(scene.standing(limit).posted()).isEqualTo(used(10, 30));
        assertThat(scene.standing(limit).held()).isEqualTo(new Amounts(0, 0, 50, 0));
    }

    @Test
    void never_lets_a_checkpoint_pass_its_hold() {
        var limit = charge(output(100));
        var held = scene.held(ask(80), limit);

        scene.book.apply(new Command.Checkpoint(held.id(), 1, used(10, 300)));

        assertThat(scene.standing(limit).posted()).isEqualTo(used(10, 80));
        assertThat(scene.standing(limit).held()).isEqualTo(Amounts.NONE);
    }

    @Test
    void settles_for_what_was_used_whatever_checkpoints_said() {
        var limit = charge(output(100));
        var held = scene.held(ask(80), limit);
        scene.book.apply(new Command.Checkpoint(held.id(), 1, used(10, 60)));

        var settled = scene.settled(held.id(), used(8, 20));

        assertThat(settled.seq()).isEqualTo(1);
        assertThat(settled.overrun()).isFalse();
        assertThat(scene.standing(limit).posted()).isEqualTo(used(8, 20));
        assertThat(scene.standing(limit).held()).isEqualTo(Amounts.NONE);
    }

    @Test
    void books_an_overrun_and_says_so() {
        var limit = charge(output(100));
        var held = scene.held(ask(80), limit);

        var settled = scene.settled(held.id(), used(10, 120));

        assertThat(settled.overrun()).isTrue();
        assertThat(scene.standing(limit).posted().outputTokens()).isEqualTo(120);
        assertThat(scene.hold(ask(1), limit)).isInstanceOf(Exhausted.class);
    }

    @Test
    void joins_facts_and_outcome_to_one_row() {
        var held = scene.held(ask(1));
        scene.settled(held.id(), used(1, 1));

        var entry = scene.book.unbooked(0, 10).getFirst();

        assertThat(entry.id()).isEqualTo(held.id());
        assertThat(entry.row())
                .isEqualTo(bytes("{\"id\":\"" + held.id() + "\",\"status\":\"ok\"}"));
    }

    @Test
    void answers_a_repeated_settlement_with_the_first_result() {
        var limit = charge(output(100));
        var held = scene.held(ask(80), limit);
        var first = scene.settle(held.id(), used(10, 20));

        assertThat(scene.settle(held.id(), used(10, 70))).isSameAs(first);
        assertThat(scene.standing(limit).posted()).isEqualTo(used(10, 20));
        assertThat(scene.book.status().entries()).isEqualTo(1);
    }

    @Test
    void keeps_a_result_until_it_is_booked_and_acknowledged() {
        var held = scene.held(ask(80));
        var first = scene.settle(held.id(), used(10, 20));

        scene.booked(1);
        assertThat(scene.settle(held.id(), used(10, 20))).isSameAs(first);
        acknowledge(held);

        assertThat(scene.settle(held.id(), used(10, 20))).isEqualTo(new Closed());
        assertThat(scene.book.status().results()).isZero();
    }

    @Test
    void keeps_an_acknowledged_result_until_it_is_booked() {
        var held = scene.held(ask(80));
        var first = scene.settle(held.id(), used(10, 20));
        acknowledge(held);

        assertThat(scene.settle(held.id(), used(10, 20))).isSameAs(first);
        scene.booked(1);

        assertThat(scene.settle(held.id(), used(10, 20))).isEqualTo(new Closed());
    }

    @Test
    void knows_nothing_of_a_hold_that_never_was() {
        assertThat(scene.settle(scene.id(), used(1, 1))).isEqualTo(new Closed());
        assertThat(scene.book.apply(new Command.Checkpoint(scene.id(), 1, used(1, 1))))
                .isEqualTo(new Closed());
    }

    @Test
    void settles_the_holds_of_a_dead_incarnation_for_all_they_held() {
        var limit = charge(output(100));
        var held = scene.held(ask(80), limit);
        scene.book.apply(new Command.Checkpoint(held.id(), 1, used(10, 30)));

        var answer = scene.book.apply(new Command.Orphan(NODE, 1, 0));

        assertThat(answer).isEqualTo(new Command.Orphaned(1));
        assertThat(scene.standing(limit).posted()).isEqualTo(used(10, 80));
        assertThat(scene.firstRow())
                .endsWith(
                        ",\"requests\":1,\"uncached_input_tokens\":10,\"output_tokens\":80,"
                                + "\"cost_nano_usd\":0,\"usage_source\":\"orphan\","
                                + "\"status\":\"orphan\"}");
    }

    @Test
    void says_that_an_unpriced_orphan_has_no_known_cost() {
        scene.held(new Ask(1, 10, 0, 5, 5, 1, 0, false));

        scene.book.apply(new Command.Orphan(NODE, 1, 0));

        assertThat(scene.firstRow()).contains("\"cost_nano_usd\":null");
    }

    @Test
    void tells_the_owner_of_an_orphan_that_it_is_closed() {
        var held = scene.held(ask(80));
        scene.book.apply(new Command.Orphan(NODE, 1, 0));

        assertThat(scene.settle(held.id(), used(1, 1))).isEqualTo(new Closed());
        assertThat(scene.book.apply(scene.holding(held.id(), ask(80)))).isEqualTo(new Closed());
        assertThat(scene.book.status().entries()).isEqualTo(1);
        assertThat(scene.hold(ask(1))).isInstanceOf(Held.class);
    }

    // --- the truth about orphans ---

    @Test
    void takes_the_truth_about_an_orphan_once_and_has_its_counters_seeded_anew() {
        var limit = charge(output(100));
        var held = scene.held(ask(80), limit);
        scene.book.apply(new Command.Orphan(NODE, 1, 0));
        var correct = correcting(held, used(10, 30), limit);

        var first = scene.book.apply(correct);
        var repeat = scene.book.apply(correct);

        assertThat(first).isEqualTo(new Command.Settled(2, false, List.of()));
        assertThat(repeat).isSameAs(first);
        assertThat(scene.settle(held.id(), used(9, 9))).isSameAs(first);
        assertThat(scene.hold(ask(1), limit)).isInstanceOf(Unseeded.class);
        assertThat(scene.seed(limit.counter(), used(10, 80), 0)).isFalse();
        scene.booked(1);
        assertThat(scene.seed(limit.counter(), used(10, 80), 1)).isFalse();
        scene.booked(2);
        assertThat(scene.seed(limit.counter(), used(10, 30), 2)).isTrue();
        assertThat(scene.standing(limit).posted()).isEqualTo(used(10, 30));
    }

    @Test
    void never_hands_out_a_correction_with_what_it_corrects() {
        var held = scene.held(ask(80));
        scene.book.apply(new Command.Orphan(NODE, 1, 0));
        scene.book.apply(correcting(held, used(10, 30)));
        scene.spend(used(1, 1));

        assertThat(scene.book.unbooked(0, 10)).extracting(OutboxEntry::seq).containsExactly(1L);
        assertThat(scene.book.unbooked(1, 10)).extracting(OutboxEntry::seq).containsExactly(2L, 3L);
    }

    @Test
    void takes_the_truth_about_a_hold_it_never_knew() {
        var limit = charge(output(100));
        var lost = new Held(scene.id(), 80, used(10, 80), List.of());

        assertThat(scene.book.apply(correcting(lost, used(10, 30), limit)))
                .isInstanceOf(Command.Settled.class);

        assertThat(scene.book.unbooked(0, 1).getFirst().id()).isEqualTo(lost.id());
        assertThat(scene.hold(ask(1), limit)).isInstanceOf(Unseeded.class);
    }

    @Test
    void ends_an_open_hold_by_the_truth_about_it() {
        var limit = concurrent(1);
        var held = scene.held(ask(80), limit);

        scene.book.apply(correcting(held, used(10, 30), limit));

        assertThat(scene.book.status().holds()).isZero();
        assertThat(scene.book.inFlight(BUDGET, "")).isZero();
    }

    @Test
    void keeps_the_result_of_a_correction_when_the_orphan_is_booked_first() {
        var held = scene.held(ask(80));
        scene.book.apply(new Command.Orphan(NODE, 1, 0));
        var first = scene.book.apply(correcting(held, used(10, 30)));
        acknowledge(held);
        scene.booked(1);

        assertThat(scene.settle(held.id(), used(1, 1))).isSameAs(first);
        scene.booked(2);

        assertThat(scene.settle(held.id(), used(1, 1))).isEqualTo(new Closed());
    }

    @Test
    void has_counters_seeded_anew_when_told_to() {
        var one = charge(counter(BUDGET, "a"), output(100));
        var other = charge(counter(BUDGET, "b"), output(100));
        scene.spend(used(1, 1), one);
        scene.spend(used(1, 1), other);

        assertThat(scene.book.apply(new Command.Reseed(1, List.of(one.counter()))))
                .isEqualTo(new Command.Reseeded(1));

        assertThat(scene.hold(ask(1), one, other)).isEqualTo(new Unseeded(List.of(one.counter())));
        assertThat(scene.seed(one.counter(), used(1, 20), 0)).isTrue();
        assertThat(scene.standing(one).posted()).isEqualTo(new Amounts(2, 2, 21, 0));
        assertThat(scene.book.apply(new Command.Reseed(1, List.of())))
                .isEqualTo(new Command.Reseeded(2));
        assertThat(scene.hold(ask(1), one, other)).isInstanceOf(Unseeded.class);
    }

    @Test
    void begins_no_counter_at_zero_that_was_to_be_seeded_anew() {
        var unknown = charge(output(100));

        assertThat(scene.book.apply(new Command.Reseed(1, List.of(unknown.counter()))))
                .isEqualTo(new Command.Reseeded(0));

        assertThat(scene.hold(ask(1), unknown)).isEqualTo(new Unseeded(List.of(unknown.counter())));
    }

    // --- fail-over ---

    @Test
    void ends_one_attempt_and_begins_another_in_one_step() {
        var limit = charge(new Limits(1, 100, 100, Limits.NONE_SET, Limits.NONE_SET));
        var first = scene.held(ask(90), limit);

        var answer = next(first, movedOn(10, 0), ask(60), limit);

        assertThat(answer.settled()).isInstanceOf(Command.Settled.class);
        assertThat(((Held) answer.hold()).held()).isEqualTo(new Amounts(1, 10, 60, 0));
        assertThat(scene.standing(limit).posted()).isEqualTo(movedOn(10, 0));
        assertThat(scene.book.status().holds()).isEqualTo(1);
    }

    @Test
    void counts_a_request_in_flight_once_over_its_attempts() {
        var first = scene.held(ask(5), concurrent(2));
        scene.held(ask(5), concurrent(2));

        // The limit was lowered since.
        var answer = next(first, movedOn(10, 0), ask(5), concurrent(1));

        assertThat(answer.hold()).isInstanceOf(Held.class);
        assertThat(scene.book.inFlight(BUDGET, "")).isEqualTo(2);
        assertThat(scene.hold(ask(5), concurrent(1))).isInstanceOf(Crowded.class);
    }

    @Test
    void counts_a_second_attempt_where_the_first_was_not_in_flight() {
        scene.held(ask(5), concurrent(1));
        var first = scene.held(ask(5));

        assertThat(next(first, movedOn(10, 0), ask(5), concurrent(1)).hold())
                .isInstanceOf(Crowded.class);
    }

    @Test
    void changes_nothing_when_the_second_attempt_is_refused() {
        var limit = charge(output(100));
        var first = scene.held(ask(80), limit);
        var before = scene.book.image();

        var answer = next(first, movedOn(10, 70), ask(40), limit);

        assertThat(answer.hold()).isInstanceOf(Exhausted.class);
        assertThat(answer.settled()).isEqualTo(new Command.Unsettled());
        assertThat(scene.book.image()).isEqualTo(before);
        assertThat(scene.standing(limit).held().outputTokens()).isEqualTo(80);
        assertThat(scene.settled(first.id(), used(10, 70)).overrun()).isFalse();
        assertThat(scene.standing(limit).posted()).isEqualTo(used(10, 70));
    }

    @Test
    void refuses_the_next_attempt_by_a_budget_that_only_it_has() {
        var others =
                charge(
                        counter(OTHER_BUDGET, ""),
                        new Limits(
                                1,
                                Limits.NONE_SET,
                                Limits.NONE_SET,
                                Limits.NONE_SET,
                                Limits.NONE_SET));
        scene.held(ask(5), others);
        var first = scene.held(ask(80));

        assertThat(next(first, movedOn(10, 0), ask(5), others).hold())
                .isInstanceOf(Exhausted.class);
        assertThat(scene.book.status().holds()).isEqualTo(2);
    }

    @Test
    void answers_a_repeated_step_to_the_next_attempt_with_both_first_results() {
        var first = scene.held(ask(80));
        var next =
                new Command.Next(
                        scene.settling(first.id(), used(1, 1)), scene.holding(scene.id(), ask(9)));

        var answer = scene.book.apply(next);

        assertThat(scene.book.apply(next)).isEqualTo(answer);
        assertThat(scene.book.status().holds()).isEqualTo(1);
        assertThat(scene.book.status().entries()).isEqualTo(1);
    }

    @Test
    void begins_the_next_attempt_even_when_the_first_is_not_known() {
        var lost = new Held(scene.id(), 80, used(10, 80), List.of());

        var answer = next(lost, movedOn(10, 5), ask(5));

        assertThat(answer.settled()).isEqualTo(new Closed());
        assertThat(answer.hold()).isInstanceOf(Held.class);
    }

    // --- charges without a hold ---

    @Test
    void charges_a_cache_hit_to_request_limits_only() {
        var limit = charge(new Limits(2, 0, 0, 0, 0));
        var hit = cacheHit(limit);

        var first = scene.book.apply(hit);
        var repeat = scene.book.apply(hit);
        scene.book.apply(cacheHit(limit));

        assertThat(first).isInstanceOf(Command.Settled.class);
        assertThat(repeat).isSameAs(first);
        assertThat(scene.standing(limit).posted()).isEqualTo(new Amounts(2, 0, 0, 0));
        assertThat(scene.book.apply(cacheHit(limit))).isInstanceOf(Exhausted.class);
        assertThat(scene.firstRow()).isEqualTo("{\"hit\":true}");
    }

    @Test
    void shows_the_budget_with_the_smallest_share_left() {
        var wide = charge(counter(BUDGET, ""), output(1_000));
        var narrow = charge(counter(OTHER_BUDGET, ""), output(100));

        var held = scene.held(ask(50), wide, narrow);

        assertThat(held.tightest()).containsExactly(scene.standing(narrow));
    }

    @Test
    void does_not_overflow_where_there_is_no_limit() {
        var soft = Scene.alerting(counter(BUDGET, ""), output(100));
        var endless = new Ask(1, Long.MAX_VALUE, Long.MAX_VALUE, 0, Long.MAX_VALUE, 3, 1_000);

        for (var call = 0; call < 5; call++) {
            var held = scene.held(endless, soft);
            scene.settled(held.id(), new Amounts(1, 0, Long.MAX_VALUE, Long.MAX_VALUE));
        }

        var hard = charge(counter(BUDGET, ""), output(Long.MAX_VALUE - 1));
        assertThat(scene.standing(soft).posted().outputTokens()).isEqualTo(Counter.POSTED_MAX);
        assertThat(scene.hold(endless, hard)).isInstanceOf(Held.class);
        assertThat(scene.hold(endless, charge(counter(OTHER_BUDGET, ""), input(1L << 60))))
                .isInstanceOf(Exhausted.class);
    }

    private Command.Charge cacheHit(BudgetCharge charge) {
        return new Command.Charge(
                scene.id(),
                NODE,
                1,
                1,
                OPENED * 1000,
                List.of(charge),
                bytes("\"hit\":true"),
                List.of());
    }

    private static Command.Correct correcting(Held held, Amounts used, BudgetCharge... charges) {
        return new Command.Correct(
                held.id(), 1, 0, NODE, List.of(charges), used, bytes("{\"true\":1}"));
    }

    private Command.NextResult next(Held first, Amounts used, Ask ask, BudgetCharge... charges) {
        return (Command.NextResult)
                scene.book.apply(
                        new Command.Next(
                                scene.settling(first.id(), used),
                                scene.holding(scene.id(), ask, charges)));
    }

    /// By an attempt whose request is counted with the next.
    private static Amounts movedOn(long input, long output) {
        return new Amounts(0, input, output, 0);
    }

    private void acknowledge(Held held) {
        var settle =
                new Command.Settle(scene.id(), 1, 0, Amounts.NONE, bytes(""), List.of(held.id()));
        scene.book.apply(settle);
    }
}
