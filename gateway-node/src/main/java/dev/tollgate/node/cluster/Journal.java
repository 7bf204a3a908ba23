package dev.tollgate.node.cluster;

import dev.tollgate.budget.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This node's own record of what it holds and settles, from before the upstream call until the
/// ledger has it.
///
/// An append writes into mapped memory, about a microsecond and no system call, so it may be done
/// on an event loop and outlives a killed process. One thread of its own forces pages to the disk,
/// allocates the next segment ahead, deletes segments in which nothing is needed any more, and
/// carries the last few records out of old ones, so that a long stream doesn't keep a whole file.
///
/// Failure: when there is no room or the disk fails, appends say `false` and holds are refused.
/// Limits: [JournalSettings].
final class Journal implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    private static final Duration UPKEEP_INTERVAL = Duration.ofMillis(100);
    private static final int IDS_PER_RELEASE_MAX = 500;
    private static final String LOCK_FILE = "lock";

    private final ThreadLocal<ByteWriter> writers = ThreadLocal.withInitial(ByteWriter::new);
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition upkeepWanted = lock.newCondition();
    private final Path directory;
    private final UUID incarnation;
    private final JournalSettings settings;
    private final FileChannel lockChannel;
    private final Thread upkeep;

    // Guarded by the lock.
    private final Map<UUID, Records> live = new HashMap<>();
    private final Map<String, Long> askedEpochs = new HashMap<>();
    private final ArrayDeque<JournalSegment> filled = new ArrayDeque<>();
    private final List<Runnable> awaitingForce = new ArrayList<>();
    private JournalSegment current;
    private @Nullable JournalSegment next;
    private int nextNumber;
    private boolean failing;
    private boolean closing;
    private int settled;
    private boolean wanted;

    /// Where an id's records are.
    private static final class Records {
        private final String organization;
        private @Nullable JournalSegment holdSegment;
        private int holdAt;
        private @Nullable JournalSegment settleSegment;
        private int settleAt;

        Records(String organization) {
            this.organization = organization;
        }

        /// The hold, and the settlement if there is one.
        byte[][] payloads() {
            var hold = Objects.requireNonNull(holdSegment).payloadAt(holdAt);
            return settleSegment == null
                    ? new byte[][] {hold}
                    : new byte[][] {hold, settleSegment.payloadAt(settleAt)};
        }
    }

    /// What a journal occupies.
    ///
    /// @param ids held or settled here and not yet booked
    /// @param settled those of them that are settled
    public record Size(long bytes, int segments, int ids, int settled) {}

    private Journal(
            Path directory, UUID incarnation, JournalSettings settings, FileChannel lockChannel)
            throws IOException {
        this.directory = directory;
        this.incarnation = incarnation;
        this.settings = settings;
        this.lockChannel = lockChannel;
        this.current = allocate(0);
        this.nextNumber = 1;
        this.upkeep = Thread.ofPlatform().daemon().name("tollgate-journal").unstarted(this::upkeep);
    }

    /// Opens a new journal for this life of the node beside what earlier lives left in `directory`.
    ///
    /// @throws IllegalStateException when another process uses the directory
    static Journal open(Path directory, UUID incarnation, JournalSettings settings) {
        try {
            Files.createDirectories(directory);
            var channel =
                    FileChannel.open(
                            directory.resolve(LOCK_FILE),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            if (tryLock(channel) == null) {
                channel.close();
                throw new IllegalStateException(
                        "journal " + directory + ": in use (expected: one process a directory)");
            }
            var journal = new Journal(directory, incarnation, settings, channel);
            journal.upkeep.start();
            return journal;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The lock goes with the channel.
    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException _) {
            return null;
        }
    }

    /// What became of a hold's record.
    enum Recorded {
        RECORDED,

        /// The hold is of an epoch before the newest that was asked for: its book was, or is being,
        /// opened without it.
        OUTDATED,

        /// There is no room, or the disk fails: the request must not go on.
        FULL
    }

    /// Records that a hold was taken, in a book's `epoch`.
    Recorded appendHold(String organization, Command.Hold hold, long epoch) {
        var writer = encoded(organization, hold);
        lock.lock();
        try {
            if (epoch < askedEpochs.getOrDefault(organization, 0L)) {
                return Recorded.OUTDATED;
            }
            return append(JournalSegment.KIND_HOLD, organization, hold.id(), writer)
                    ? Recorded.RECORDED
                    : Recorded.FULL;
        } finally {
            lock.unlock();
        }
    }

    /// Records that elastic budgets cover more of a recorded hold, as a book in `epoch` answered.
    Recorded appendExtension(UUID id, long outputTokens, long epoch) {
        lock.lock();
        try {
            var records = live.get(id);
            if (records == null || records.holdSegment == null || records.settleSegment != null) {
                return Recorded.OUTDATED;
            }
            var hold = (Command.Hold) decoded(records.holdSegment.payloadAt(records.holdAt));
            if (outputTokens <= hold.ask().start()) {
                return Recorded.RECORDED;
            }
            var extended = hold.granted(hold.ask().outputMax(), outputTokens);
            return appendHold(records.organization, extended, epoch);
        } finally {
            lock.unlock();
        }
    }

    /// What is recorded of an organization and not released, for a book that is opened in `epoch`.
    /// Holds of earlier epochs are not recorded from now on.
    Presents presents(String organization, long epoch) {
        var found = new ArrayList<byte[][]>();
        lock.lock();
        try {
            askedEpochs.merge(organization, epoch, Math::max);
            for (var records : live.values()) {
                if (records.organization.equals(organization) && records.holdSegment != null) {
                    found.add(records.payloads());
                }
            }
        } finally {
            lock.unlock();
        }
        return new Presents(found.stream().map(Journal::decoded).toList(), Set.of(incarnation));
    }

    /// The recorded hold of an id that is not released.
    Optional<Command.Hold> hold(UUID id) {
        byte[] payload;
        lock.lock();
        try {
            var records = live.get(id);
            if (records == null || records.holdSegment == null) {
                return Optional.empty();
            }
            payload = records.holdSegment.payloadAt(records.holdAt);
        } finally {
            lock.unlock();
        }
        return Optional.of((Command.Hold) decoded(payload));
    }

    /// Which of these ids are recorded and not released.
    Set<UUID> recorded(Collection<UUID> ids) {
        lock.lock();
        try {
            return ids.stream().filter(live::containsKey).collect(Collectors.toSet());
        } finally {
            lock.unlock();
        }
    }

    private static Presents.Present decoded(byte[][] payloads) {
        return new Presents.Present(
                (Command.Hold) decoded(payloads[0]),
                payloads.length == 1
                        ? Optional.empty()
                        : Optional.of((Command.Settle) decoded(payloads[1])));
    }

    private static Command decoded(byte[] payload) {
        var reader = new ByteReader(payload);
        reader.readText();
        return BookCodec.readCommand(reader);
    }

    /// Records what a recorded hold is to be settled for. False when it cannot, or the hold is not
    /// recorded: without it the settlement could not be replayed.
    boolean appendSettle(String organization, Command.Settle settle) {
        var writer = encoded(organization, settle);
        lock.lock();
        try {
            return live.containsKey(settle.id())
                    && append(JournalSegment.KIND_SETTLE, organization, settle.id(), writer);
        } finally {
            lock.unlock();
        }
    }

    /// Calls `then` when what was appended before is as safe as the settings ask: at once, or on
    /// the journal's thread.
    void whenForced(Runnable then) {
        if (!settings.forceInterval().isZero()) {
            then.run();
            return;
        }
        lock.lock();
        try {
            awaitingForce.add(then);
            wakeUpkeep();
        } finally {
            lock.unlock();
        }
    }

    /// The ledger has these ids, or nothing is owed for them.
    void release(Collection<UUID> ids) {
        var batch = new ArrayList<UUID>(IDS_PER_RELEASE_MAX);
        for (var id : ids) {
            batch.add(id);
            if (batch.size() == IDS_PER_RELEASE_MAX) {
                releaseBatch(batch);
                batch.clear();
            }
        }
        if (!batch.isEmpty()) {
            releaseBatch(batch);
        }
    }

    private void releaseBatch(List<UUID> ids) {
        var writer = writers.get().clear();
        lock.lock();
        try {
            var known = ids.stream().filter(live::containsKey).toList();
            if (known.isEmpty()) {
                return;
            }
            for (var id : known) {
                forget(id);
            }
            BookCodec.writeIds(writer, known);
            put(JournalSegment.KIND_RELEASED, writer, true);
        } finally {
            lock.unlock();
        }
    }

    private void forget(UUID id) {
        var records = live.remove(id);
        if (records == null) {
            return;
        }
        if (records.holdSegment != null) {
            records.holdSegment.live.remove(id);
        }
        if (records.settleSegment != null) {
            records.settleSegment.live.remove(id);
            settled--;
        }
    }

    Size size() {
        lock.lock();
        try {
            var segments = segments();
            return new Size(
                    (long) segments * settings.segmentBytes(), segments, live.size(), settled);
        } finally {
            lock.unlock();
        }
    }

    private ByteWriter encoded(String organization, Command command) {
        var writer = writers.get().clear();
        writer.writeText(organization);
        BookCodec.write(writer, command);
        return writer;
    }

    private boolean append(byte kind, String organization, UUID id, ByteWriter writer) {
        var at = put(kind, writer, kind == JournalSegment.KIND_SETTLE);
        if (at < 0) {
            return false;
        }
        var records = live.get(id);
        if (records == null) {
            records = new Records(organization);
            live.put(id, records);
        }
        var isHold = kind == JournalSegment.KIND_HOLD;
        var before = isHold ? records.holdSegment : records.settleSegment;
        if (isHold) {
            records.holdSegment = current;
            records.holdAt = at;
        } else {
            settled += before == null ? 1 : 0;
            records.settleSegment = current;
            records.settleAt = at;
        }
        // What it replaces needs no file of its own.
        if (before != null && before != records.holdSegment && before != records.settleSegment) {
            before.live.remove(id);
        }
        current.live.add(id);
        return true;
    }

    /// Appends a record to the current segment, or to the next when it is full; -1 when there is no
    /// room.
    private int put(byte kind, ByteWriter payload, boolean mayExceed) {
        if (closing || failing) {
            return -1;
        }
        if (!current.hasRoom(payload.size()) && !rotate(payload.size(), mayExceed)) {
            return -1;
        }
        try {
            return current.put(kind, payload.buffer(), payload.size());
        } catch (InternalError e) {
            // What a failing disk under mapped memory throws.
            fail(e);
            return -1;
        }
    }

    private boolean rotate(int payloadBytes, boolean mayExceed) {
        var bytes = (segments() + (next == null ? 1L : 0L)) * settings.segmentBytes();
        var bytesMax = mayExceed ? settings.bytesMax() / 4 * 5 : settings.bytesMax();
        if (bytes > bytesMax || settings.segmentBytes() / 2 < payloadBytes) {
            return false;
        }
        try {
            var fresh = next == null ? allocate(nextNumber++) : next;
            next = null;
            filled.add(current);
            current = fresh;
            wakeUpkeep();
            return true;
        } catch (IOException e) {
            LOG.error("journal {}: no further segment", directory, e);
            return false;
        }
    }

    private int segments() {
        return filled.size() + 1 + (next == null ? 0 : 1);
    }

    private JournalSegment allocate(int number) throws IOException {
        var path = directory.resolve("%s-%08d.journal".formatted(incarnation, number));
        var segment = JournalSegment.allocate(path, settings.segmentBytes());
        var start = new ByteWriter();
        var mark = start.begin(ValueCodec.VERSION);
        start.writeUuid(incarnation);
        start.writeLong(number);
        start.end(mark);
        segment.put(JournalSegment.KIND_START, start.buffer(), start.size());
        return segment;
    }

    private void fail(Throwable cause) {
        if (!failing) {
            LOG.error("journal {}: failed, holds are refused", current, cause);
        }
        failing = true;
    }

    private void wakeUpkeep() {
        wanted = true;
        upkeepWanted.signal();
    }

    // --- the journal's own thread ---

    private void upkeep() {
        var interval =
                settings.forceInterval().isZero() ? UPKEEP_INTERVAL : settings.forceInterval();
        while (awaitUpkeep(interval)) {
            forceWritten();
            allocateAhead();
            carryForward();
            deleteUnneeded();
        }
        forceWritten();
    }

    private boolean awaitUpkeep(Duration interval) {
        lock.lock();
        try {
            var left = interval.toNanos();
            while (!wanted && !closing && left > 0) {
                left = upkeepWanted.awaitNanos(left);
            }
            wanted = false;
            return !closing;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }

    private void forceWritten() {
        var unforced = new ArrayList<Forcing>();
        List<Runnable> waiters;
        lock.lock();
        try {
            for (var segment : filled) {
                addUnforced(unforced, segment);
            }
            addUnforced(unforced, current);
            waiters = List.copyOf(awaitingForce);
            awaitingForce.clear();
        } finally {
            lock.unlock();
        }
        unforced.forEach(this::force);
        recover();
        waiters.forEach(Runnable::run);
    }

    private void force(Forcing forcing) {
        try {
            forcing.segment.force(forcing.end);
        } catch (UncheckedIOException | InternalError e) {
            forcing.segment.giveUpForcing();
            lock.lock();
            try {
                fail(e);
            } finally {
                lock.unlock();
            }
        }
    }

    private record Forcing(JournalSegment segment, int end) {}

    private static void addUnforced(List<Forcing> unforced, JournalSegment segment) {
        if (!segment.forcedThrough(segment.position())) {
            unforced.add(new Forcing(segment, segment.position()));
        }
    }

    /// After a failure nothing is written behind what may be lost: it goes on in a new file, if
    /// there can be one.
    private void recover() {
        lock.lock();
        try {
            if (failing && rotate(0, true)) {
                failing = false;
                LOG.warn("journal {}: goes on in a new segment", current);
            }
        } finally {
            lock.unlock();
        }
    }

    private void allocateAhead() {
        int number;
        lock.lock();
        try {
            var bytes = (segments() + 1L) * settings.segmentBytes();
            var halfFull = current.position() > settings.segmentBytes() / 2;
            if (next != null || !halfFull || bytes > settings.bytesMax()) {
                return;
            }
            number = nextNumber++;
        } finally {
            lock.unlock();
        }
        try {
            var ahead = allocate(number);
            lock.lock();
            try {
                if (next == null) {
                    next = ahead;
                    return;
                }
            } finally {
                lock.unlock();
            }
            ahead.delete();
        } catch (IOException e) {
            LOG.warn("journal {}: no segment ahead", directory, e);
        }
    }

    /// Moves what the oldest segment still keeps to the newest, when it is little and segments are
    /// many.
    private void carryForward() {
        lock.lock();
        try {
            var oldest = filled.peek();
            var used = (filled.size() + 1L) * settings.segmentBytes();
            var few = oldest != null && oldest.live.size() <= oldest.records() / 8;
            if (oldest == null
                    || used < settings.bytesMax() / 4
                    || (!few && used < settings.bytesMax() / 2)) {
                return;
            }
            for (var id : List.copyOf(oldest.live)) {
                if (!carry(id, oldest)) {
                    return;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean carry(UUID id, JournalSegment oldest) {
        var records = live.get(id);
        if (records != null && records.holdSegment == oldest) {
            var at = copy(oldest, records.holdAt);
            if (at < 0) {
                return false;
            }
            records.holdSegment = current;
            records.holdAt = at;
            current.live.add(id);
        }
        if (records != null && records.settleSegment == oldest) {
            var at = copy(oldest, records.settleAt);
            if (at < 0) {
                return false;
            }
            records.settleSegment = current;
            records.settleAt = at;
            current.live.add(id);
        }
        oldest.live.remove(id);
        return true;
    }

    private int copy(JournalSegment from, int at) {
        var payload = from.payloadAt(at);
        if (closing || failing || (!current.hasRoom(payload.length) && !rotate(0, true))) {
            return -1;
        }
        return current.put(from.kindAt(at), payload, payload.length);
    }

    private void deleteUnneeded() {
        var unneeded = new ArrayList<JournalSegment>();
        lock.lock();
        try {
            takeUnneeded(unneeded, filled.iterator());
        } finally {
            lock.unlock();
        }
        unneeded.forEach(JournalSegment::delete);
    }

    /// From the oldest on: a later one may have the only word that something in an earlier one is
    /// released.
    private static void takeUnneeded(
            List<JournalSegment> unneeded, Iterator<JournalSegment> segments) {
        while (segments.hasNext()) {
            var segment = segments.next();
            if (!segment.live.isEmpty()) {
                return;
            }
            segments.remove();
            unneeded.add(segment);
        }
    }

    /// Forces what is written; deletes everything when nothing is owed any more. Blocks.
    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            wakeUpkeep();
        } finally {
            lock.unlock();
        }
        joinUpkeep();
        lock.lock();
        try {
            filled.add(current);
            if (next != null) {
                next.delete();
                next = null;
            }
            filled.forEach(live.isEmpty() ? JournalSegment::delete : JournalSegment::unmap);
            filled.clear();
            lockChannel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            lock.unlock();
        }
    }

    private void joinUpkeep() {
        try {
            upkeep.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
