package dev.tollgate.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.budget.Command.Extended;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// Extensions of holds in a book.
class ExtendTest {

    private static final UUID NODE = new UUID(1, 1);
    private static final UUID ID = new UUID(7, 1);
    private static final UUID OTHER = new UUID(7, 2);

    private final List<Change> changes = new ArrayList<>();
    private Book book = new Book();

    ExtendTest() {
        apply(new Command.Open(1, 1, 0, 0, List.of(), List.of()));
    }

    @Test
    void covers_as_much_as_there_is_room_for() {
        hold(ID, 1_000, 100);

        assertThat(extend(ID, 300)).isEqualTo(new Extended(300));
        assertThat(held()).isEqualTo(300);
        assertThat(extend(ID, 5_000)).isEqualTo(new Extended(500));
        assertThat(held()).isEqualTo(500);
    }

    @Test
    void extends_nothing_twice() {
        hold(ID, 1_000, 100);
        extend(ID, 300);

        assertThat(extend(ID, 300)).isEqualTo(new Extended(300));
        assertThat(extend(ID, 200)).isEqualTo(new Extended(300));

        assertThat(held()).isEqualTo(300);
    }

    @Test
    void covers_no_more_than_was_granted() {
        hold(ID, 200, 100);

        assertThat(extend(ID, 300)).isEqualTo(new Extended(200));
    }

    @Test
    void leaves_what_others_hold() {
        hold(ID, 1_000, 100);
        hold(OTHER, 1_000, 150);

        assertThat(extend(ID, 1_000)).isEqualTo(new Extended(350));
        assertThat(extend(OTHER, 1_000)).isEqualTo(new Extended(150));

        settle(ID, 60);

        assertThat(extend(OTHER, 1_000)).isEqualTo(new Extended(440));
        assertThat(book.standings(List.of(charge())).known().getFirst().posted().outputTokens())
                .isEqualTo(60);
    }

    @Test
    void knows_no_hold_that_is_settled() {
        hold(ID, 1_000, 100);
        settle(ID, 60);

        assertThat(extend(ID, 300)).isEqualTo(new Command.Closed());
    }

    @Test
    void an_orphan_is_settled_for_what_was_covered() {
        hold(ID, 1_000, 100);
        extend(ID, 300);

        apply(new Command.Orphan(NODE, 1, 0));

        var standing = book.standings(List.of(charge())).known().getFirst();
        assertThat(standing.posted().outputTokens()).isEqualTo(300);
        assertThat(standing.held().outputTokens()).isZero();
    }

    @Test
    void what_a_journal_has_is_held_again() {
        var hold = holding(ID, 1_000, 100);
        apply(hold);
        extend(ID, 300);

        apply(new Command.Open(2, 2, 0, 0, List.of(hold.granted(500, 300)), List.of()));

        apply(seed());
        assertThat(held()).isEqualTo(300);
        assertThat(extend(ID, 300)).isEqualTo(new Extended(300));
        assertThat(extend(ID, 400)).isEqualTo(new Extended(400));
    }

    @Test
    void asks_for_counters_that_are_not_seeded() {
        apply(holding(ID, 1_000, 100));
        apply(new Command.Reseed(1, List.of()));

        assertThat(extend(ID, 300)).isEqualTo(new Command.Unseeded(List.of(charge().counter())));
    }

    @Test
    void a_copy_has_it_too() {
        hold(ID, 1_000, 100);
        extend(ID, 300);

        var copy = Book.replicate(null, 0, changes);

        assertThat(BookContent.of(copy)).isEqualTo(BookContent.of(book));
        book = Book.of(copy.image());
        assertThat(held()).isEqualTo(300);
        assertThat(extend(ID, 400)).isEqualTo(new Extended(400));
    }

    private void hold(UUID id, long outputMax, long start) {
        assertThat(apply(holding(id, outputMax, start))).isInstanceOf(Command.Held.class);
    }

    private Command.Hold holding(UUID id, long outputMax, long start) {
        return new Command.Hold(
                id,
                NODE,
                1,
                0,
                1_000_000,
                new Ask(1, 10, 0, 1, outputMax, 1, 0, true, 1, start),
                List.of(charge()),
                Scene.bytes("\"n\":1"),
                List.of());
    }

    /// 500 tokens of output.
    private static BudgetCharge charge() {
        return new BudgetCharge(
                new CounterKey(new UUID(2, 1), "s", 900),
                "b",
                2_000,
                Scene.output(500),
                Scene.output(500),
                0,
                List.of(),
                "reject",
                true,
                List.of(),
                List.of(),
                true);
    }

    private Command.Seed seed() {
        return new Command.Seed(
                book.status().term(),
                book.status().epoch(),
                0,
                List.of(new Command.Seed.Seeded(charge().counter(), 2_000, Amounts.NONE)));
    }

    private Command.Result extend(UUID id, long outputTokens) {
        var ask = new Ask(1, 10, 0, 1, 1_000, 1, 0).granted(outputTokens);
        return apply(new Command.Extend(id, book.status().term(), ask));
    }

    private void settle(UUID id, long output) {
        apply(new Command.Settle(id, 1, 0, new Amounts(1, 10, output, 0), Row.NOTHING, List.of()));
    }

    private long held() {
        return book.standings(List.of(charge())).known().getFirst().held().outputTokens();
    }

    private Command.Result apply(Command command) {
        return book.apply(command, changes::add);
    }
}
