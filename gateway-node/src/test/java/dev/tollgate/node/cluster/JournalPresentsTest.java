package dev.tollgate.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.Command;
import dev.tollgate.node.cluster.Journal.Recorded;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a node tells who opens a book, and what it no longer records after that.
class JournalPresentsTest {

    private static final JournalSettings SETTINGS =
            new JournalSettings(64 << 10, 1 << 20, Duration.ofMillis(1));

    @TempDir Path directory;

    private final RandomValues values = new RandomValues(8);

    @Test
    void a_node_has_what_is_recorded_of_the_organization_and_not_released() {
        try (var holdings = open()) {
            var journal = holdings.journal();
            var open = values.hold();
            var settled = values.hold();
            var released = values.hold();
            var other = values.hold();
            List.of(open, settled, released).forEach(hold -> journal.appendHold("local", hold, 1));
            journal.appendHold("other", other, 1);
            var settle = settleOf(settled.id());
            journal.appendSettle("local", settle);
            journal.release(List.of(released.id()));

            assertThat(holdings.presents("local", 2).items())
                    .usingRecursiveFieldByFieldElementComparator()
                    .containsExactlyInAnyOrder(
                            new Presents.Present(open, Optional.empty()),
                            new Presents.Present(settled, Optional.of(settle)));
            assertThat(holdings.presents("other", 1).items())
                    .extracting(present -> present.hold().id())
                    .containsExactly(other.id());
            assertThat(holdings.presents("nobody", 1).items()).isEmpty();
            assertThat(holdings.presents("local", 2).lives())
                    .containsExactly(holdings.incarnation());
        }
    }

    @Test
    void a_node_that_is_being_merged_tells_nobody_what_it_has() {
        try (var holdings = open()) {
            holdings.merging(true);

            assertThatThrownBy(() -> holdings.presents("local", 1))
                    .isInstanceOf(IllegalStateException.class);

            holdings.merging(false);
            assertThat(holdings.presents("local", 1).items()).isEmpty();
        }
    }

    @Test
    void a_hold_of_an_epoch_before_the_one_asked_for_is_not_recorded() {
        try (var holdings = open()) {
            var journal = holdings.journal();
            holdings.presents("local", 5);
            holdings.presents("local", 3);
            var late = values.hold();

            assertThat(journal.appendHold("local", late, 4)).isEqualTo(Recorded.OUTDATED);
            assertThat(journal.hold(late.id())).isEmpty();
            assertThat(journal.appendHold("other", late, 4)).isEqualTo(Recorded.RECORDED);
            assertThat(journal.appendHold("local", values.hold(), 5)).isEqualTo(Recorded.RECORDED);
            assertThat(journal.appendHold("local", values.hold(), 6)).isEqualTo(Recorded.RECORDED);
        }
    }

    @Test
    void asking_before_there_is_an_epoch_outdates_nothing() {
        try (var holdings = open()) {
            holdings.presents("local", 0);

            assertThat(holdings.journal().appendHold("local", values.hold(), 1))
                    .isEqualTo(Recorded.RECORDED);
        }
    }

    @Test
    void a_node_has_what_earlier_lives_left_and_says_whose_journals_it_knows() {
        var held = values.hold();
        var settled = values.hold();
        var settle = settleOf(settled.id());
        UUID earlier;
        try (var holdings = open()) {
            earlier = holdings.incarnation();
            holdings.journal().appendHold("local", held, 1);
            holdings.journal().appendHold("local", settled, 1);
            holdings.journal().appendSettle("local", settle);
        }

        try (var holdings = open()) {
            var presents = holdings.presents("local", 1);

            assertThat(presents.items())
                    .usingRecursiveFieldByFieldElementComparator()
                    .containsExactlyInAnyOrder(
                            new Presents.Present(held, Optional.empty()),
                            new Presents.Present(settled, Optional.of(settle)));
            assertThat(presents.lives()).containsExactlyInAnyOrder(earlier, holdings.incarnation());
        }
    }

    private Holdings open() {
        return Holdings.open(
                new BooksSettings(
                        directory, SETTINGS, Duration.ofSeconds(1), Duration.ofSeconds(1)),
                UUID.randomUUID());
    }

    private Command.Settle settleOf(UUID id) {
        return new Command.Settle(id, 1, 2, new Amounts(1, 2, 3, 4), new byte[] {3}, List.of());
    }
}
