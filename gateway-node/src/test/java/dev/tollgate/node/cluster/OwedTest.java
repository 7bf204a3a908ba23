package dev.tollgate.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.Answers;
import dev.tollgate.budget.Command;
import dev.tollgate.budget.CounterKey;
import dev.tollgate.node.store.LedgerStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the journal keeps until the ledger has it.
class OwedTest {

    private static final JournalSettings SETTINGS =
            new JournalSettings(64 << 10, 1 << 20, Duration.ofMillis(1));

    @TempDir Path directory;

    private final RandomValues values = new RandomValues(3);
    private final InLedger store = new InLedger();

    @Test
    void what_the_book_has_booked_is_released() {
        try (var journal = journal()) {
            var owed = new Owed("local", journal, store);
            var id = settled(journal, owed, by(5, 7, 0), 3);

            owed.booked(by(5, 7, 2));
            owed.lookUp();
            assertThat(journal.recorded(List.of(id))).containsExactly(id);

            owed.booked(by(5, 7, 3));
            // On a thread of its own.
            var until = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            while (!journal.recorded(List.of(id)).isEmpty() && System.nanoTime() < until) {
                Thread.onSpinWait();
            }
            assertThat(journal.recorded(List.of(id))).isEmpty();
            assertThat(owed.isEmpty()).isTrue();
        }
    }

    @Test
    void a_number_of_an_earlier_term_says_nothing_under_the_same_epoch() {
        try (var journal = journal()) {
            var owed = new Owed("local", journal, store);
            var id = settled(journal, owed, by(5, 7, 0), 3);

            owed.booked(by(6, 7, 9));
            owed.lookUp();
            assertThat(journal.recorded(List.of(id))).containsExactly(id);

            store.has.add(id);
            owed.lookUp();
            assertThat(journal.recorded(List.of(id))).isEmpty();
        }
    }

    @Test
    void what_was_settled_in_an_earlier_epoch_is_looked_up() {
        try (var journal = journal()) {
            var owed = new Owed("local", journal, store);
            var id = settled(journal, owed, by(5, 7, 0), 3);

            owed.booked(by(6, 8, 9));
            owed.lookUp();
            assertThat(journal.recorded(List.of(id))).containsExactly(id);

            store.has.add(id);
            owed.lookUp();
            assertThat(journal.recorded(List.of(id))).isEmpty();
        }
    }

    private UUID settled(Journal journal, Owed owed, Answers by, long seq) {
        var hold = values.hold();
        journal.appendHold("local", hold, by.epoch());
        journal.appendSettle(
                "local", new Command.Settle(hold.id(), 0, 0, Amounts.NONE, new byte[0], List.of()));
        owed.settled(by, seq, hold.id());
        return hold.id();
    }

    private static Answers by(long term, long epoch, long through) {
        return new Answers(term, epoch, through, List.of());
    }

    private Journal journal() {
        return Journal.open(directory, new UUID(1, 2), SETTINGS);
    }

    /// A ledger that is only asked what it has.
    private static final class InLedger implements LedgerStore {

        private final Set<UUID> has = new HashSet<>();

        @Override
        public Set<UUID> settled(String organization, Collection<UUID> ids) {
            var found = new HashSet<>(ids);
            found.retainAll(has);
            return found;
        }

        @Override
        public Set<UUID> booked(String organization, Collection<UUID> ids) {
            throw new AssertionError();
        }

        @Override
        public Opened openBook(String organization, long term) {
            throw new AssertionError();
        }

        @Override
        public long bookTerm(String organization) {
            throw new AssertionError();
        }

        @Override
        public long book(String organization, long epoch, long term, byte[] entries) {
            throw new AssertionError();
        }

        @Override
        public long reject(
                String organization, long epoch, long term, long seq, byte[] entry, String error) {
            throw new AssertionError();
        }

        @Override
        public Sums sums(String organization, List<CounterKey> counters) {
            throw new AssertionError();
        }

        @Override
        public long nowMicros() {
            throw new AssertionError();
        }
    }
}
