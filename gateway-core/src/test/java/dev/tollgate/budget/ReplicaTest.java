package dev.tollgate.budget;

import static dev.tollgate.budget.Scene.ask;
import static dev.tollgate.budget.Scene.charge;
import static dev.tollgate.budget.Scene.output;
import static dev.tollgate.budget.Scene.used;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.budget.Command.Held;
import dev.tollgate.budget.Command.NotOpen;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Several commands in one call, and what a backup is told of them.
class ReplicaTest {

    private final Scene scene = new Scene();
    private final BudgetCharge limit = charge(output(100));
    private final Command.Open opening =
            new Command.Open(1, 1, 1, Scene.OPENED_MILLIS, List.of(), List.of());

    @Test
    void answers_each_command_in_order_and_says_where_the_book_stands() {
        var hold = scene.holding(scene.id(), ask(80), limit);
        var settle = scene.settling(hold.id(), used(10, 5));

        var applied = Applied.to(null, List.of(hold, opening, hold, settle));

        assertThat(applied.versionBefore()).isZero();
        assertThat(applied.answers().results().get(0)).isEqualTo(new NotOpen());
        assertThat(applied.answers().results().get(1)).isEqualTo(new Command.Opened(1));
        assertThat(applied.answers().results().get(2)).isInstanceOf(Held.class);
        assertThat(applied.answers().results().get(3)).isInstanceOf(Command.Settled.class);
        assertThat(applied.answers()).extracting(Answers::term, Answers::epoch).contains(1L, 1L);
        assertThat(applied.answers().bookedThrough()).isZero();
    }

    @Test
    void makes_no_book_but_by_the_first_part_of_an_opening() {
        var later = scene.opening(1, List.of(), List.of(), List.of(), false, true);

        var applied = Applied.to(null, List.of(new Command.Configure(3, 1), later));

        assertThat(applied.book()).isNull();
        assertThat(applied.changes()).isEmpty();
        assertThat(applied.answers())
                .isEqualTo(new Answers(0, 0, 0, List.of(new NotOpen(), new NotOpen())));
    }

    @Test
    void changes_nothing_by_a_refusal() {
        scene.held(ask(80), limit);
        var before = scene.book.version();

        var applied =
                Applied.to(
                        scene.book,
                        List.of(
                                scene.holding(scene.id(), ask(80), limit),
                                scene.settling(scene.id(), used(1, 1)),
                                new Command.Configure(0, 9)));

        assertThat(applied.changes()).isEmpty();
        assertThat(applied.versionBefore()).isEqualTo(before);
        assertThat(scene.book.version()).isEqualTo(before);
    }

    @Test
    void tells_a_backup_of_a_refusal_only_what_it_acknowledged() {
        var held = scene.held(ask(80), limit);
        scene.settled(held.id(), used(10, 80));
        var refused =
                scene.holding(scene.id(), ask(80), limit)
                        .acknowledging(List.of(held.id(), scene.id()));

        var applied = Applied.to(scene.book, List.of(refused, refused));

        assertThat(applied.answers().results()).hasOnlyElementsOfType(Command.Exhausted.class);
        assertThat(applied.changes()).containsExactly(new Change.Acknowledge(List.of(held.id())));
    }

    @Test
    void has_a_backup_confirm_a_repeat_of_a_hold_that_it_may_have_missed() {
        var backup = Book.of(scene.book.image());
        var hold = scene.holding(scene.id(), ask(80), limit);
        Applied.to(scene.book, List.of(hold));

        var repeat = Applied.to(scene.book, List.of(hold));

        assertThat(repeat.answers().results()).hasOnlyElementsOfType(Held.class);
        assertThat(repeat.changes()).isNotEmpty();
        assertThatThrownBy(() -> Book.replicate(backup, repeat.versionBefore(), repeat.changes()))
                .isInstanceOf(Book.TornException.class);
    }

    @Test
    void has_a_backup_confirm_a_repeat_of_a_settlement_that_it_may_have_missed() {
        var settle = scene.settling(scene.held(ask(80), limit).id(), used(10, 5));
        var backup = Book.of(scene.book.image());
        Applied.to(scene.book, List.of(settle));

        var repeat = Applied.to(scene.book, List.of(settle));

        assertThat(repeat.answers().results()).hasOnlyElementsOfType(Command.Settled.class);
        assertThatThrownBy(() -> Book.replicate(backup, repeat.versionBefore(), repeat.changes()))
                .isInstanceOf(Book.TornException.class);
    }

    @Test
    void tells_a_backup_of_a_newer_term() {
        var applied = Applied.to(scene.book, List.of(new Command.Configure(2, 9)));

        assertThat(applied.changes()).containsExactly(new Change.Shut(2));
    }

    @Test
    void makes_a_backup_the_same_book() {
        var changes = new ArrayList<Change>();
        var book = new Book();
        var hold = scene.holding(scene.id(), ask(80), limit);
        for (var command : List.of(opening, hold, scene.settling(hold.id(), used(10, 5)))) {
            book.apply(command, changes::add);
        }

        var backup = Book.replicate(null, 0, changes);

        assertThat(BookContent.of(backup)).isEqualTo(BookContent.of(book));
    }

    @Test
    void refuses_changes_that_do_not_follow_its_own_and_changes_nothing() {
        var backup = Book.of(scene.book.image());
        var before = BookContent.of(backup);
        var missed = scene.book.version();
        scene.held(ask(1));
        var applied = Applied.to(scene.book, List.of(scene.holding(scene.id(), ask(1))));

        assertThatThrownBy(() -> Book.replicate(backup, applied.versionBefore(), applied.changes()))
                .isInstanceOf(Book.TornException.class)
                .hasMessage(
                        "version of the backup: %d (expected: %d)".formatted(missed, missed + 1));
        assertThatThrownBy(() -> Book.replicate(null, 1, applied.changes()))
                .isInstanceOf(Book.TornException.class);
        assertThat(BookContent.of(backup)).isEqualTo(before);
    }
}
