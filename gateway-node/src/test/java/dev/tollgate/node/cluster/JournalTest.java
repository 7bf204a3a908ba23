package dev.tollgate.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JournalTest {

    private static final String ORGANIZATION = "local";
    private static final JournalSettings SMALL =
            new JournalSettings(16 << 10, 256 << 10, Duration.ofMillis(1));
    private static final UUID NOBODY = new UUID(0, 0);

    @TempDir Path directory;

    private final RandomValues values = new RandomValues(42);

    @Test
    void what_is_held_and_settled_is_read_back() {
        var held = values.hold();
        var settled = values.hold();
        var settle = settleOf(settled.id());
        try (var journal = open()) {
            assertThat(appendHold(journal, ORGANIZATION, held)).isTrue();
            assertThat(appendHold(journal, "other", settled)).isTrue();
            assertThat(journal.appendSettle("other", settle)).isTrue();
        }

        var replay = JournalReplay.read(directory, NOBODY);

        assertThat(replay.damages()).isEmpty();
        assertThat(replay.leftovers()).containsOnlyKeys(held.id(), settled.id());
        var first = leftover(replay, held.id());
        assertThat(first.organization()).isEqualTo(ORGANIZATION);
        assertThat(first.hold()).usingRecursiveComparison().isEqualTo(held);
        assertThat(first.settle()).isEmpty();
        var second = leftover(replay, settled.id());
        assertThat(second.organization()).isEqualTo("other");
        assertThat(second.settle().orElseThrow()).usingRecursiveComparison().isEqualTo(settle);
    }

    @Test
    void an_extended_hold_is_read_back_as_it_was_extended() {
        var hold = plain(values.hold());
        try (var journal = open()) {
            appendHold(journal, ORGANIZATION, hold);
            for (var tokens = 1; tokens <= 200; tokens++) {
                appendHold(journal, ORGANIZATION, plain(values.hold()));
                assertThat(journal.appendExtension(hold.id(), tokens, 1))
                        .isEqualTo(Journal.Recorded.RECORDED);
            }
            assertThat(journal.appendExtension(hold.id(), 50, 1))
                    .isEqualTo(Journal.Recorded.RECORDED);
            assertThat(journal.hold(hold.id()).orElseThrow().ask().start()).isEqualTo(200);
        }

        var replay = JournalReplay.read(directory, NOBODY);

        assertThat(replay.damages()).isEmpty();
        assertThat(leftover(replay, hold.id()).hold())
                .usingRecursiveComparison()
                .isEqualTo(hold.granted(1_000, 200));
    }

    @Test
    void a_hold_is_not_extended_by_an_answer_of_a_book_before_the_one_that_is_opened() {
        var hold = plain(values.hold());
        try (var journal = open()) {
            appendHold(journal, ORGANIZATION, hold);
            journal.presents(ORGANIZATION, 2);

            assertThat(journal.appendExtension(hold.id(), 5, 1))
                    .isEqualTo(Journal.Recorded.OUTDATED);
            assertThat(journal.appendExtension(hold.id(), 5, 2))
                    .isEqualTo(Journal.Recorded.RECORDED);
            assertThat(journal.appendExtension(UUID.randomUUID(), 5, 2))
                    .isEqualTo(Journal.Recorded.OUTDATED);
        }
    }

    /// Of which nothing is covered yet, and which fits into a small segment.
    private static Command.Hold plain(Command.Hold hold) {
        return new Command.Hold(
                hold.id(),
                hold.incarnation(),
                hold.term(),
                hold.configVersion(),
                hold.nowMillis(),
                hold.ask().granted(1_000),
                List.of(),
                new byte[0],
                List.of());
    }

    @Test
    void nothing_is_left_when_everything_is_released() {
        var hold = values.hold();
        try (var journal = open()) {
            appendHold(journal, ORGANIZATION, hold);
            journal.appendSettle(ORGANIZATION, settleOf(hold.id()));
            journal.release(List.of(hold.id()));
        }

        assertThat(segments()).isEmpty();
    }

    @Test
    void a_released_id_is_not_left_over_while_its_segment_stays_for_another() {
        var released = values.hold();
        var open = values.hold();
        try (var journal = open()) {
            appendHold(journal, ORGANIZATION, released);
            appendHold(journal, ORGANIZATION, open);
            journal.release(List.of(released.id()));
        }

        assertThat(JournalReplay.read(directory, NOBODY).leftovers()).containsOnlyKeys(open.id());
    }

    @Test
    void a_settlement_without_a_recorded_hold_is_not_recorded() {
        try (var journal = open()) {
            assertThat(journal.appendSettle(ORGANIZATION, settleOf(values.id()))).isFalse();
        }
    }

    @Test
    void a_record_torn_at_any_byte_is_cut_and_those_before_it_stay() throws IOException {
        var first = values.hold();
        var second = values.hold();
        int secondAt;
        int end;
        try (var journal = open()) {
            appendHold(journal, ORGANIZATION, first);
            secondAt = endOfRecords(Files.readAllBytes(segments().getFirst()));
            appendHold(journal, ORGANIZATION, second);
            end = endOfRecords(Files.readAllBytes(segments().getFirst()));
        }
        var file = segments().getFirst();
        var whole = Files.readAllBytes(file);

        for (var cut = secondAt + 1; cut < end; cut++) {
            var torn = whole.clone();
            Arrays.fill(torn, cut, torn.length, (byte) 0);
            Files.write(file, torn);

            var replay = JournalReplay.read(directory, NOBODY);

            var complete = Arrays.equals(torn, whole);
            assertThat(replay.leftovers().keySet())
                    .as("cut at byte %s of %s to %s", cut, secondAt, end)
                    .isEqualTo(complete ? Set.of(first.id(), second.id()) : Set.of(first.id()));
        }
    }

    @Test
    void a_flipped_bit_costs_its_own_record_and_no_other() throws IOException {
        var holds = List.of(values.hold(), values.hold(), values.hold());
        var ends = new ArrayList<Integer>();
        try (var journal = open()) {
            for (var hold : holds) {
                appendHold(journal, ORGANIZATION, hold);
                ends.add(endOfRecords(Files.readAllBytes(segments().getFirst())));
            }
        }
        var file = segments().getFirst();
        var whole = Files.readAllBytes(file);
        var random = new Random(1);

        for (var i = 0; i < 200; i++) {
            var flipped = whole.clone();
            var payloadFrom = ends.get(0) + JournalSegment.HEADER_BYTES;
            var at = payloadFrom + random.nextInt(ends.get(1) - payloadFrom);
            flipped[at] ^= (byte) (1 << random.nextInt(8));
            Files.write(file, flipped);

            var replay = JournalReplay.read(directory, NOBODY);

            assertThat(replay.leftovers())
                    .as("flipped at byte %s", at)
                    .containsOnlyKeys(holds.get(0).id(), holds.get(2).id());
            assertThat(replay.damages()).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void over_many_segments_exactly_what_was_not_released_is_left(long seed) {
        var random = new Random(seed);
        var seeded = new RandomValues(seed);
        var held = new ArrayList<UUID>();
        var settled = new HashSet<UUID>();
        try (var journal = open()) {
            for (var i = 0; i < 2000; i++) {
                if (held.size() > 20) {
                    var id = held.remove(random.nextInt(held.size()));
                    if (random.nextBoolean()) {
                        journal.appendSettle(ORGANIZATION, settleOf(id));
                    }
                    settled.remove(id);
                    journal.release(List.of(id));
                }
                var hold = seeded.hold();
                assertThat(takes(journal, hold)).isTrue();
                held.add(hold.id());
                if (random.nextBoolean()) {
                    assertThat(journal.appendSettle(ORGANIZATION, settleOf(hold.id()))).isTrue();
                    settled.add(hold.id());
                }
            }
        }

        var replay = JournalReplay.read(directory, NOBODY);

        assertThat(replay.damages()).isEmpty();
        assertThat(replay.leftovers().keySet()).isEqualTo(new HashSet<>(held));
        assertThat(
                        replay.leftovers().values().stream()
                                .filter(leftover -> leftover.settle().isPresent())
                                .map(leftover -> leftover.hold().id()))
                .containsExactlyInAnyOrderElementsOf(settled);
    }

    @Test
    void one_long_hold_does_not_fill_the_journal() {
        var lasting = values.hold();
        try (var journal = open()) {
            appendHold(journal, ORGANIZATION, lasting);

            for (var i = 0; i < 5000; i++) {
                var hold = values.hold();
                assertThat(takes(journal, hold)).as("hold %s", i).isTrue();
                journal.release(List.of(hold.id()));
            }
        }

        assertThat(JournalReplay.read(directory, NOBODY).leftovers())
                .containsOnlyKeys(lasting.id());
    }

    @Test
    void a_settlement_that_was_replaced_keeps_no_segment() {
        var moved = values.hold();
        var roomy = new JournalSettings(SMALL.segmentBytes(), 1L << 30, Duration.ofMillis(1));
        try (var journal = Journal.open(directory, UUID.randomUUID(), roomy)) {
            appendHold(journal, ORGANIZATION, moved);
            fillTo(journal, 2);
            assertThat(journal.appendSettle(ORGANIZATION, settleOf(moved.id()))).isTrue();
            fillTo(journal, 4);
            assertThat(journal.appendSettle(ORGANIZATION, settleOf(moved.id()))).isTrue();
            fillTo(journal, 6);
            journal.release(List.of(moved.id()));

            var until = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while (journal.size().segments() > 2 && System.nanoTime() < until) {
                Thread.onSpinWait();
            }
            assertThat(journal.size().segments()).isLessThanOrEqualTo(2);
        }
    }

    /// Holds and releases until there are so many segments, which an open hold keeps.
    private void fillTo(Journal journal, int segments) {
        while (journal.size().segments() < segments) {
            var hold = values.hold();
            assertThat(takes(journal, hold)).isTrue();
            journal.release(List.of(hold.id()));
        }
    }

    @Test
    void a_full_journal_refuses_holds_and_still_takes_settlements() {
        try (var journal = open()) {
            var ids = new ArrayList<UUID>();
            var hold = values.hold();
            while (appendHold(journal, ORGANIZATION, hold)) {
                ids.add(hold.id());
                hold = values.hold();
            }

            assertThat(ids).hasSizeGreaterThan(100);
            assertThat(journal.size().bytes()).isLessThanOrEqualTo(SMALL.bytesMax());
            assertThat(journal.appendSettle(ORGANIZATION, settleOf(ids.getFirst()))).isTrue();

            journal.release(ids);

            assertThat(takes(journal, values.hold())).isTrue();
        }
    }

    @Test
    void a_directory_belongs_to_one_journal_at_a_time() {
        try (var journal = open()) {
            assertThat(journal.size().segments()).isPositive();

            assertThatThrownBy(this::open)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("in use");
        }
    }

    @Test
    void with_a_zero_interval_a_record_is_forced_before_its_request_goes_on()
            throws InterruptedException {
        var settings = new JournalSettings(16 << 10, 256 << 10, Duration.ZERO);
        try (var journal = Journal.open(directory, UUID.randomUUID(), settings)) {
            var forced = new CountDownLatch(100);
            for (var i = 0; i < 100; i++) {
                appendHold(journal, ORGANIZATION, values.hold());
                journal.whenForced(forced::countDown);
            }

            assertThat(forced.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void a_disk_that_gives_no_file_refuses_holds() throws IOException {
        try (var journal = open()) {
            deleteDirectory();

            var refused = false;
            for (var i = 0; i < 1000 && !refused; i++) {
                refused = !appendHold(journal, ORGANIZATION, values.hold());
            }

            assertThat(refused).isTrue();
        }
    }

    private void deleteDirectory() throws IOException {
        try (var files = Files.list(directory)) {
            for (var file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    /// The journal makes room in the background, and this test is faster than that.
    private static boolean takes(Journal journal, Command.Hold hold) {
        var until = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (System.nanoTime() < until) {
            if (appendHold(journal, ORGANIZATION, hold)) {
                return true;
            }
            Thread.onSpinWait();
        }
        return false;
    }

    private Journal open() {
        return Journal.open(directory, UUID.randomUUID(), SMALL);
    }

    private static Command.Settle settleOf(UUID id) {
        return new Command.Settle(
                id, 1, 2, new Amounts(1, 2, 3, 4), new byte[] {1, 2, 3}, List.of());
    }

    private static JournalReplay.Leftover leftover(JournalReplay replay, UUID id) {
        return Objects.requireNonNull(replay.leftovers().get(id));
    }

    private List<Path> segments() {
        return JournalReplay.read(directory, NOBODY).files();
    }

    /// Behind the last byte that is not zero; records here end in one, because their lists are not
    /// empty.
    private static int endOfRecords(byte[] bytes) {
        var end = bytes.length;
        while (end > 0 && bytes[end - 1] == 0) {
            end--;
        }
        return end;
    }

    private static boolean appendHold(Journal journal, String organization, Command.Hold hold) {
        return journal.appendHold(organization, hold, 1) == Journal.Recorded.RECORDED;
    }
}
