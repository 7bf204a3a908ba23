package dev.tollgate.budget;

import static dev.tollgate.budget.Scene.BUDGET;
import static dev.tollgate.budget.Scene.NODE;
import static dev.tollgate.budget.Scene.OPENED;
import static dev.tollgate.budget.Scene.OTHER_BUDGET;
import static dev.tollgate.budget.Scene.alerting;
import static dev.tollgate.budget.Scene.ask;
import static dev.tollgate.budget.Scene.between;
import static dev.tollgate.budget.Scene.bytes;
import static dev.tollgate.budget.Scene.charge;
import static dev.tollgate.budget.Scene.concurrent;
import static dev.tollgate.budget.Scene.output;
import static dev.tollgate.budget.Scene.requests;
import static dev.tollgate.budget.Scene.used;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.budget.Command.Crowded;
import dev.tollgate.budget.Command.Exhausted;
import dev.tollgate.budget.Command.Held;
import dev.tollgate.budget.Command.NotOpen;
import dev.tollgate.budget.Command.OldTerm;
import dev.tollgate.budget.Command.Open.Present;
import dev.tollgate.budget.Command.Opened;
import dev.tollgate.budget.Command.Unseeded;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// How a book starts, what it reads from the ledger, and what leaves it for the ledger.
class BookOpeningTest {

    /// A window that began before the book opened.
    private static final CounterKey OLD = new CounterKey(BUDGET, "", OPENED - 10);

    private final Scene scene = new Scene();
    private final BudgetCharge limit = charge(OLD, output(100));

    // --- seeding ---

    @Test
    void asks_for_counters_of_windows_that_began_before_it_opened() {
        var total = charge(new CounterKey(OTHER_BUDGET, "", 0), output(100));
        var fresh = charge(Scene.counter(BUDGET, "u"), output(100));

        assertThat(scene.hold(ask(1), limit, fresh, total))
                .isEqualTo(new Unseeded(List.of(OLD, total.counter())));
    }

    @Test
    void continues_from_a_seeded_value() {
        scene.seed(OLD, used(10, 80), 0);

        assertThat(scene.held(between(1, 50), limit).outputGranted()).isEqualTo(20);
    }

    @Test
    void takes_the_first_seed_only() {
        scene.seed(OLD, used(10, 80), 0);

        assertThat(scene.seed(OLD, used(10, 5), 0)).isTrue();

        assertThat(scene.standing(limit).posted()).isEqualTo(used(10, 80));
    }

    @Test
    void refuses_a_seed_of_another_epoch() {
        var seeded = new Command.Seed.Seeded(OLD, OPENED, used(1, 1));

        var answer = scene.book.apply(new Command.Seed(1, 7, 0, List.of(seeded)));

        assertThat(answer).isEqualTo(new Command.SeedTaken(false));
        assertThat(scene.hold(ask(1), limit)).isInstanceOf(Unseeded.class);
    }

    @Test
    void refuses_a_seed_older_than_its_mark() {
        scene.booked(scene.spend(used(1, 1)).seq());

        assertThat(scene.seed(OLD, used(1, 1), 0)).isFalse();
        assertThat(scene.seed(OLD, used(1, 1), 1)).isTrue();
    }

    @Test
    void refuses_a_seed_that_claims_more_than_there_is() {
        assertThat(scene.seed(OLD, used(1, 1), 1)).isFalse();
    }

    @Test
    void adds_the_entries_that_a_seed_does_not_include() {
        var present = new Present(scene.id(), NODE, List.of(limit), used(1, 5), bytes("{}"));
        scene.open(2, List.of(), List.of(present));
        scene.booked(1);
        scene.seed(OLD, used(1, 5), 1);
        scene.spend(used(1, 7), limit);
        scene.spend(used(1, 11), limit);
        scene.open(3, List.of(), List.of());
        scene.spend(used(1, 13), charge(Scene.counter(OTHER_BUDGET, ""), output(100)));

        // Read when two of the three entries were booked.
        assertThat(scene.seed(OLD, used(3, 12), 1)).isFalse();
        assertThat(scene.seed(OLD, used(3, 23), 2)).isTrue();

        assertThat(scene.standing(limit).posted()).isEqualTo(used(3, 23));
    }

    @Test
    void counts_entries_settled_while_a_seed_was_read() {
        var hold = scene.holding(scene.id(), ask(20), limit);
        scene.open(2, List.of(hold), List.of());
        scene.settled(hold.id(), used(10, 15));

        assertThat(scene.seed(OLD, used(10, 40), 0)).isTrue();

        assertThat(scene.standing(limit).posted()).isEqualTo(new Amounts(2, 20, 55, 0));
    }

    // --- booking ---

    @Test
    void frees_what_is_booked_and_names_it() {
        var first = scene.held(ask(1));
        var second = scene.held(ask(1));
        scene.settled(first.id(), used(1, 1));
        scene.settled(second.id(), used(1, 1));

        assertThat(scene.booked(1)).isEqualTo(new Command.BookedIds(List.of(first.id())));

        assertThat(scene.book.unbooked(0, 10)).hasSize(1);
        assertThat(scene.book.unbooked(2, 10)).isEmpty();
        assertThat(scene.book.status().bookedThrough()).isEqualTo(1);
    }

    @Test
    void takes_no_word_of_booking_from_another_epoch() {
        scene.spend(used(1, 1));

        scene.book.apply(new Command.Booked(1, 9, 1));

        assertThat(scene.book.status().entries()).isEqualTo(1);
    }

    @Test
    void hands_out_entries_in_order_and_at_most_so_many() {
        for (var spent = 0; spent < 5; spent++) {
            scene.spend(used(1, 1));
        }

        assertThat(scene.book.unbooked(1, 3))
                .extracting(OutboxEntry::seq)
                .containsExactly(2L, 3L, 4L);
    }

    // --- opening ---

    @Test
    void answers_nothing_before_it_is_open() {
        var closed = new Book();

        assertThat(closed.apply(scene.holding(scene.id(), ask(1)))).isEqualTo(new NotOpen());
        assertThat(closed.apply(new Command.Configure(1, 1))).isEqualTo(new NotOpen());
    }

    @Test
    void stays_closed_until_the_last_part_of_its_opening() {
        var book = new Book();
        var hold = scene.holding(scene.id(), ask(80), charge(output(100)));
        book.apply(scene.opening(1, List.of(), List.of(hold), List.of(), true, false));

        assertThat(book.apply(scene.holding(scene.id(), ask(1)))).isEqualTo(new NotOpen());
        book.apply(scene.opening(1, List.of(), List.of(), List.of(), false, true));

        assertThat(book.apply(scene.holding(scene.id(), ask(1)))).isInstanceOf(Held.class);
        assertThat(book.status().holds()).isEqualTo(2);
    }

    @Test
    void joins_an_entry_once_however_often_it_is_told() {
        var present = new Present(scene.id(), NODE, List.of(limit), used(1, 5), bytes("{}"));

        scene.open(2, List.of(), List.of(present, present));
        scene.open(2, List.of(), List.of(present));
        scene.open(3, List.of(), List.of(present));

        assertThat(scene.book.status().entries()).isEqualTo(1);
    }

    @Test
    void takes_an_entry_for_the_end_of_its_hold() {
        var hold = scene.holding(scene.id(), ask(80), limit);
        var present = new Present(hold.id(), NODE, List.of(limit), used(1, 5), bytes("{}"));

        scene.open(2, List.of(hold), List.of(present));

        assertThat(scene.book.status().holds()).isZero();
        assertThat(scene.book.inFlight(BUDGET, "")).isZero();
    }

    @Test
    void ends_a_hold_of_its_own_by_an_entry_that_a_journal_has() {
        var hold = scene.holding(scene.id(), ask(80), charge(output(100)));
        scene.book.apply(hold);
        var present = new Present(hold.id(), NODE, hold.charges(), used(1, 5), bytes("{}"));

        scene.open(2, List.of(), List.of(present));
        scene.booked(1);
        scene.seed(Scene.counter(BUDGET, ""), used(1, 5), 1);

        assertThat(scene.standing(charge(output(100))).held()).isEqualTo(Amounts.NONE);
        assertThat(scene.standing(charge(output(100))).posted()).isEqualTo(used(1, 5));
    }

    @Test
    void holds_what_a_journal_held_even_before_it_is_seeded() {
        var hold = scene.holding(scene.id(), ask(80), limit);
        scene.open(2, List.of(hold.granted(80)), List.of());

        assertThat(scene.hold(ask(10), limit)).isInstanceOf(Unseeded.class);
        scene.seed(OLD, used(1, 15), 0);

        assertThat(scene.hold(ask(10), limit)).isInstanceOf(Exhausted.class);
        assertThat(scene.standing(limit).held()).isEqualTo(used(10, 80));
        assertThat(scene.standing(limit).posted()).isEqualTo(used(1, 15));
    }

    @Test
    void counts_what_a_journal_held_as_in_flight() {
        var hold = scene.holding(scene.id(), ask(1), concurrent(1));
        scene.open(2, List.of(hold), List.of());
        scene.seed(Scene.counter(BUDGET, ""), Amounts.NONE, 0);

        assertThat(scene.hold(ask(1), concurrent(1))).isInstanceOf(Crowded.class);
    }

    @Test
    void holds_no_more_of_a_clamped_hold_than_was_granted() {
        var hold = scene.holding(scene.id(), between(5, 500), charge(output(90)));
        var granted = ((Held) scene.book.apply(hold)).outputGranted();

        scene.open(2, List.of(hold.granted(granted)), List.of());
        var anew = new Scene();
        anew.open(2, List.of(hold.granted(granted)), List.of());
        anew.book.apply(new Command.Orphan(NODE, 1, 0));
        anew.booked(1);
        anew.seed(Scene.counter(BUDGET, ""), used(10, 90), 1);

        assertThat(anew.standing(charge(output(90))).posted()).isEqualTo(used(10, 90));
    }

    @Test
    void seeds_no_counter_before_what_was_joined_is_booked() {
        var present = new Present(scene.id(), NODE, List.of(limit), used(1, 5), bytes("{}"));
        scene.open(2, List.of(), List.of(present));

        assertThat(scene.book.status().settling()).isTrue();
        assertThat(scene.seed(OLD, used(1, 5), 0)).isFalse();
        scene.booked(1);
        assertThat(scene.book.status().settling()).isFalse();
        assertThat(scene.seed(OLD, used(1, 5), 1)).isTrue();

        assertThat(scene.standing(limit).posted()).isEqualTo(used(1, 5));
    }

    @Test
    void numbers_the_entries_of_a_new_epoch_from_one() {
        scene.booked(scene.spend(used(1, 1)).seq());
        scene.spend(used(1, 1));
        scene.spend(used(1, 1));

        scene.open(2, List.of(), List.of());

        assertThat(scene.book.unbooked(0, 9)).extracting(OutboxEntry::seq).containsExactly(1L, 2L);
        assertThat(scene.book.status().bookedThrough()).isZero();
    }

    @Test
    void keeps_its_own_holds_when_it_is_opened_anew() {
        var held = scene.held(ask(80), charge(output(100)));

        scene.open(2, List.of(), List.of());
        scene.seed(Scene.counter(BUDGET, ""), Amounts.NONE, 0);

        assertThat(scene.hold(ask(30), charge(output(100)))).isInstanceOf(Exhausted.class);
        assertThat(scene.settle(held.id(), used(10, 20))).isInstanceOf(Command.Settled.class);
    }

    @Test
    void is_not_opened_by_an_older_epoch_or_twice_by_the_same() {
        scene.open(5, List.of(), List.of());

        assertThat(scene.open(4, List.of(), List.of())).isEqualTo(new Opened(5));
        assertThat(scene.open(5, List.of(scene.holding(scene.id(), ask(1))), List.of()))
                .isEqualTo(new Opened(5));
        assertThat(scene.book.status().holds()).isZero();
    }

    @Test
    void takes_no_hold_from_a_journal_that_it_has_settled() {
        var hold = scene.holding(scene.id(), ask(1));
        scene.book.apply(hold);
        scene.book.apply(new Command.Orphan(NODE, 1, 0));

        scene.open(2, List.of(hold), List.of());

        assertThat(scene.book.status().holds()).isZero();
        assertThat(scene.book.status().entries()).isEqualTo(1);
    }

    @Test
    void obeys_no_older_term_once_it_has_seen_a_newer() {
        scene.term = 3;
        scene.open(2, List.of(), List.of());
        scene.term = 2;

        assertThat(scene.settle(scene.id(), used(1, 1))).isEqualTo(new OldTerm(3));
        assertThat(scene.open(9, List.of(), List.of())).isEqualTo(new OldTerm(3));
    }

    // --- terms ---

    @Test
    void is_shut_by_a_newer_term_until_it_is_opened_in_it() {
        scene.spend(used(1, 40), charge(output(100)));
        scene.term = 2;

        assertThat(scene.hold(ask(1))).isEqualTo(new NotOpen());
        assertThat(scene.book.status().phase()).isEqualTo(Book.Phase.SHUT);
        assertThat(scene.book.standings(List.of(charge(output(100)))).unknown())
                .containsExactly(Scene.counter(BUDGET, ""));
        scene.term = 1;
        assertThat(scene.hold(ask(1))).isEqualTo(new OldTerm(2));
        scene.term = 2;
        scene.open(2, List.of(), List.of());

        assertThat(scene.hold(ask(1))).isInstanceOf(Held.class);
        assertThat(scene.book.status().entries()).isEqualTo(1);
    }

    @Test
    void is_not_opened_in_a_newer_term_by_an_epoch_of_an_older() {
        scene.term = 2;

        assertThat(scene.open(1, List.of(), List.of())).isEqualTo(new NotOpen());

        assertThat(scene.book.status().phase()).isEqualTo(Book.Phase.SHUT);
        assertThat(scene.book.status().term()).isEqualTo(2);
    }

    @Test
    void takes_a_later_part_of_an_opening_only_after_the_first() {
        var part = scene.opening(2, List.of(), List.of(), List.of(), false, true);

        assertThat(scene.book.apply(part)).isEqualTo(new NotOpen());
        assertThat(scene.book.status().epoch()).isEqualTo(1);
    }

    @Test
    void takes_the_parts_of_an_opening_again_without_beginning_anew() {
        var holds = List.of(scene.holding(scene.id(), ask(1)), scene.holding(scene.id(), ask(1)));
        var members = List.of(NODE);
        var first = scene.opening(2, members, holds.subList(0, 1), List.of(), true, false);
        var second = scene.opening(2, members, holds.subList(1, 2), List.of(), false, false);
        scene.book.apply(first);
        scene.book.apply(second);

        scene.book.apply(first);
        scene.book.apply(second);
        assertThat(scene.book.status().phase()).isEqualTo(Book.Phase.OPENING);
        scene.book.apply(scene.opening(2, members, List.of(), List.of(), false, true));

        assertThat(scene.book.status().holds()).isEqualTo(2);
        assertThat(scene.book.status().open()).isTrue();
    }

    @Test
    void begins_anew_when_a_later_epoch_overtakes_an_opening() {
        var hold = scene.holding(scene.id(), ask(1));
        var members = List.of(NODE);
        scene.book.apply(scene.opening(2, members, List.of(hold), List.of(), true, false));
        scene.book.apply(scene.opening(3, members, List.of(), List.of(), true, false));

        assertThat(scene.book.apply(scene.opening(2, members, List.of(), List.of(), false, true)))
                .isEqualTo(new Opened(3));
        assertThat(scene.book.status().open()).isFalse();
        assertThat(scene.book.apply(scene.opening(3, members, List.of(), List.of(), false, true)))
                .isEqualTo(new Opened(3));

        assertThat(scene.book.status().holds()).isZero();
    }

    @Test
    void knows_the_holds_of_members_from_their_journals_alone() {
        var unheard = scene.held(ask(80), charge(output(100)));
        var journaled = scene.holding(scene.id(), ask(10), charge(output(100)));
        scene.book.apply(journaled);
        scene.term = 2;

        scene.book.apply(
                scene.opening(2, List.of(NODE), List.of(journaled), List.of(), true, true));
        scene.seed(Scene.counter(BUDGET, ""), Amounts.NONE, 0);

        assertThat(scene.standing(charge(output(100))).held()).isEqualTo(used(10, 10));
        assertThat(scene.book.apply(scene.holding(unheard.id(), ask(80), charge(output(100)))))
                .isInstanceOf(Held.class);
    }

    @Test
    void keeps_the_holds_of_others_but_for_those_the_ledger_has() {
        var kept = scene.held(ask(30), charge(output(100)));
        scene.book.apply(new Command.Checkpoint(kept.id(), 1, used(10, 20)));
        var gone = scene.held(ask(50), charge(output(100)));
        var member = new UUID(1, 2);
        scene.term = 2;

        scene.book.apply(
                new Command.Open(
                        2,
                        2,
                        1,
                        Scene.OPENED_MILLIS,
                        List.of(member),
                        List.of(),
                        List.of(),
                        List.of(gone.id(), scene.id()),
                        true,
                        true));
        scene.seed(Scene.counter(BUDGET, ""), used(10, 50), 0);

        assertThat(scene.standing(charge(output(100))).held()).isEqualTo(new Amounts(0, 0, 10, 0));
        assertThat(scene.book.holdsOfOthers(List.of(member), Book.BEFORE_ALL, 9))
                .containsExactly(new Book.HoldOwner(kept.id(), NODE));
    }

    @Test
    void answers_a_repeat_of_what_a_journal_had_settled_as_settled() {
        var present = new Present(scene.id(), NODE, List.of(limit), used(1, 5), bytes("{}"));
        scene.open(2, List.of(), List.of(present));

        assertThat(scene.settle(present.id(), used(1, 5)))
                .isEqualTo(new Command.Settled(1, false, List.of()));
        assertThat(scene.book.status().entries()).isEqualTo(1);
    }

    @Test
    void takes_the_word_of_an_owner_for_more_than_an_orphans_end() {
        var hold = scene.holding(scene.id(), ask(80), limit);
        scene.open(2, List.of(hold), List.of());
        scene.book.apply(new Command.Orphan(NODE, 1, 0));
        var present = new Present(hold.id(), NODE, List.of(limit), used(1, 5), bytes("{}"));

        scene.open(3, List.of(), List.of(present));

        assertThat(scene.book.status().entries()).isEqualTo(2);
        assertThat(scene.settle(hold.id(), used(1, 5))).isInstanceOf(Command.Settled.class);
    }

    @Test
    void numbers_kept_results_as_the_entries_of_the_new_epoch() {
        var booked = scene.spend(used(1, 1));
        var first = scene.held(ask(1));
        scene.settled(first.id(), used(1, 1));
        scene.booked(booked.seq());
        var entry = scene.book.image().results().getFirst();

        scene.open(2, List.of(), List.of());

        assertThat(scene.settled(entry.id(), used(1, 1)).seq()).isZero();
        assertThat(scene.settled(first.id(), used(1, 1)).seq()).isEqualTo(1);
    }

    @Test
    void forgets_booked_results_of_those_that_are_no_members() {
        scene.booked(scene.spend(used(1, 1)).seq());
        scene.term = 2;

        scene.book.apply(
                scene.opening(2, List.of(new UUID(1, 2)), List.of(), List.of(), true, true));

        assertThat(scene.book.status().results()).isZero();
    }

    @Test
    void tells_open_holds_in_pages() {
        var ids = Stream.generate(() -> scene.held(ask(1)).id()).limit(7).toList();

        assertThat(scene.book.holdsOf(NODE, OPENED * 1000 + 1, Book.BEFORE_ALL, 3))
                .isEqualTo(ids.subList(0, 3));
        assertThat(scene.book.holdsOf(NODE, OPENED * 1000 + 1, ids.get(2), 9))
                .isEqualTo(ids.subList(3, 7));
        assertThat(scene.book.holdsOf(NODE, OPENED * 1000, Book.BEFORE_ALL, 9)).isEmpty();
        assertThat(scene.book.holdsOfOthers(List.of(NODE), Book.BEFORE_ALL, 9)).isEmpty();
    }

    @Test
    void seeds_what_a_journal_brought_even_where_it_is_more_than_there_is_room_for() {
        var small = Scene.bounded(1, 100, 1 << 20);
        var other = charge(new CounterKey(OTHER_BUDGET, "", OPENED - 10), output(100));
        var holds =
                List.of(
                        small.holding(small.id(), ask(1), limit),
                        small.holding(small.id(), ask(1), other));
        small.open(2, holds, List.of());

        assertThat(small.seed(limit.counter(), used(1, 1), 0)).isTrue();
        assertThat(small.seed(other.counter(), used(1, 1), 0)).isTrue();
    }

    @Test
    void never_goes_back_to_an_older_configuration() {
        scene.book.apply(new Command.Configure(1, 9));

        assertThat(scene.book.apply(new Command.Configure(1, 4)))
                .isEqualTo(new Command.Configured(9));
    }

    @Test
    void takes_at_most_five_hundred_items_in_a_command() {
        var ids = Collections.nCopies(Command.ITEMS_MAX + 1, new UUID(0, 0));

        assertThatThrownBy(() -> new Command.Settle(scene.id(), 1, 0, Amounts.NONE, bytes(""), ids))
                .hasMessage("acknowledged: 501 (expected: at most 500)");
    }

    // --- alerts ---

    @Test
    void tells_each_threshold_once() {
        var soft = alerting(Scene.counter(BUDGET, ""), output(100), 500, 800);
        scene.spend(used(1, 40), soft);
        scene.spend(used(1, 45), soft);
        scene.spend(used(1, 45), soft);

        var alerts = scene.book.unbooked(0, 9).stream().map(OutboxEntry::alerts).toList();

        assertThat(alerts.get(0)).isEmpty();
        assertThat(alerts.get(1))
                .containsExactly(crossing(soft, 500, 100, 85), crossing(soft, 800, 100, 85));
        assertThat(alerts.get(2)).isEmpty();
    }

    @Test
    void does_not_tell_again_what_the_seeded_value_had_passed() {
        var soft = alerting(OLD, output(100), 500, 800);
        scene.seed(OLD, used(1, 60), 0);

        scene.spend(used(1, 30), soft);

        assertThat(scene.book.unbooked(0, 1).getFirst().alerts())
                .containsExactly(crossing(soft, 800, 100, 90));
    }

    @Test
    void tells_the_thresholds_of_a_changed_limit_anew() {
        var counter = Scene.counter(BUDGET, "");
        scene.spend(used(1, 85), alerting(counter, output(100), 800));
        scene.spend(used(1, 10), alerting(counter, output(200), 800));
        scene.spend(used(1, 80), alerting(counter, output(200), 800));

        assertThat(scene.book.unbooked(1, 1).getFirst().alerts()).isEmpty();
        assertThat(scene.book.unbooked(2, 1).getFirst().alerts()).hasSize(1);
    }

    @Test
    void tells_thresholds_of_every_limited_measure() {
        var soft =
                alerting(
                        Scene.counter(BUDGET, ""),
                        new Limits(1, 10, 10, Limits.NONE_SET, Limits.NONE_SET),
                        1000);

        scene.spend(used(10, 9), soft);

        assertThat(scene.book.unbooked(0, 1).getFirst().alerts())
                .extracting(OutboxEntry.Crossing::measure)
                .containsExactly(Measure.REQUESTS, Measure.INPUT_TOKENS);
    }

    @Test
    void keeps_counters_when_a_limit_changes() {
        scene.spend(used(1, 40), charge(output(100)));

        assertThat(scene.hold(ask(1), charge(output(40)))).isInstanceOf(Exhausted.class);
        assertThat(scene.hold(ask(1), charge(output(41)))).isInstanceOf(Held.class);
        assertThat(scene.hold(ask(1), charge(requests(2)))).isInstanceOf(Exhausted.class);
    }

    private static OutboxEntry.Crossing crossing(
            BudgetCharge charge, int perMille, long limit, long used) {
        return new OutboxEntry.Crossing(
                charge.counter(), Measure.OUTPUT_TOKENS, perMille, limit, used);
    }
}
