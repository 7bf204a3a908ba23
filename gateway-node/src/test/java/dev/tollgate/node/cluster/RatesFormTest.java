package dev.tollgate.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.Ask;
import dev.tollgate.budget.Book;
import dev.tollgate.budget.BudgetCharge;
import dev.tollgate.budget.Change;
import dev.tollgate.budget.Command;
import dev.tollgate.budget.CounterKey;
import dev.tollgate.budget.Limits;
import dev.tollgate.budget.Measure;
import dev.tollgate.budget.Rate;
import dev.tollgate.budget.Throttle;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// Buckets, and what holds drew from them, as bytes.
class RatesFormTest {

    private static final long NOW = 1_000_000_000;
    private static final UUID NODE = new UUID(1, 1);
    private static final BudgetCharge CHARGE =
            new BudgetCharge(
                    new CounterKey(new UUID(2, 1), "s", NOW / 1000),
                    "b",
                    Long.MAX_VALUE,
                    Limits.UNLIMITED,
                    Limits.UNLIMITED,
                    0,
                    List.of(),
                    "alert",
                    true,
                    List.of(
                            new Rate(Measure.REQUESTS, 60, 2),
                            new Rate(Measure.TOTAL_TOKENS, 600, 1_000)),
                    List.of(new Throttle(new Limits(0, 0, 0, 0, 0), 500)));

    private final Book book = new Book();
    private final List<Change> changes = new ArrayList<>();

    @Test
    void a_backup_gets_the_levels_and_the_draws() {
        spend();

        assertThat(changes).hasAtLeastOneElementOfType(Change.Fill.class);
        var read = changes.stream().map(RatesFormTest::copied).toList();

        assertThat(read.stream().filter(Change.Fill.class::isInstance).toList())
                .isEqualTo(changes.stream().filter(Change.Fill.class::isInstance).toList());
        assertThat(((Change.Take) first(read)).draws())
                .hasSize(3)
                .isEqualTo(((Change.Take) first(changes)).draws());
        assertThat(Book.replicate(null, 0, read).image().levels()).isEqualTo(book.image().levels());
    }

    @Test
    void a_book_that_moves_takes_its_buckets_along() {
        spend();
        var to = new ByteWriter();
        BookImageCodec.write(to, book.image());

        var image = BookImageCodec.read(new ByteReader(to.toBytes()));

        assertThat(image.levels()).hasSize(3).isEqualTo(book.image().levels());
        assertThat(image.holds().getFirst().draws())
                .hasSize(3)
                .isEqualTo(book.image().holds().getFirst().draws());
    }

    /// One request is settled, and another is open.
    private void spend() {
        apply(new Command.Open(1, 1, 1, NOW - 1, List.of(), List.of()));
        var held = (Command.Held) apply(hold(new UUID(7, 1)));
        apply(
                new Command.Settle(
                        held.id(), 1, NOW, new Amounts(1, 10, 5, 0), new byte[0], List.of()));
        apply(hold(new UUID(7, 2)));
    }

    private static Command.Hold hold(UUID id) {
        return new Command.Hold(
                id,
                NODE,
                1,
                1,
                NOW,
                new Ask(1, 10, 0, 90, 90, 1, 0),
                List.of(CHARGE),
                new byte[0],
                List.of());
    }

    private Command.Result apply(Command command) {
        return book.apply(command, changes::add);
    }

    private static Change first(List<Change> changes) {
        return changes.stream().filter(Change.Take.class::isInstance).findFirst().orElseThrow();
    }

    private static Change copied(Change change) {
        var to = new ByteWriter();
        ChangeCodec.write(to, change);
        return ChangeCodec.read(new ByteReader(to.toBytes()));
    }
}
