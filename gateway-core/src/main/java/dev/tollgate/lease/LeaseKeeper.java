package dev.tollgate.lease;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One node's knowledge of the lease: told what the node reads and sees, it says what the node may
/// do and what it should write.
///
/// For one thread at a time. Moments are of the node's monotonic clock, in nanoseconds: what ends a
/// right is counted from before the question was sent, what begins one from after the answer came.
public final class LeaseKeeper {

    /// Taken off what a row grants, for clocks that do not run equally fast.
    private static final Duration CLOCK_MARGIN = Duration.ofMillis(10);

    /// How long a grant goes on after PostgreSQL could not be asked; the next try comes earlier.
    static final Duration VOUCHED = Duration.ofSeconds(3);

    /// A node that has heard nothing for longer than its tries take, neither an answer nor a
    /// failure, stood still: it cannot know what it missed. A member of the grid that stood still
    /// so long begins anew to count for how long it has not heard of the others.
    static final Duration SILENCE_MAX = Duration.ofMillis(2_500);

    private final boolean exclusive;
    private final Duration vouches;
    private View view;
    private @Nullable LeaseRow row;
    private @Nullable Granted granted;
    private boolean vouchable;
    private boolean answered;
    private boolean leaving;
    private long newest;
    private long heardNanos;
    private long beginsNanos;
    private long stampSinceNanos;
    private long lossNanos;
    private boolean watching;
    private long watchedSinceNanos;

    /// @param exclusive whether no other node can be there, because the database is this node's own
    public LeaseKeeper(View view, boolean exclusive, long nanos) {
        this(view, exclusive, Leasing.VOUCHES_FOR, nanos);
    }

    /// @param vouches for how long a grant goes on without PostgreSQL; the same for all nodes
    public LeaseKeeper(View view, boolean exclusive, Duration vouches, long nanos) {
        this.view = view;
        this.exclusive = exclusive;
        this.vouches = vouches;
        this.lossNanos = nanos - Leasing.SETTLES.toNanos();
    }

    /// How this node stands with the lease.
    public enum State {
        /// It acts, and renews the lease.
        HELD,

        /// It acts.
        GRANTED,

        /// It acts, and PostgreSQL is away.
        VOUCHED,

        /// It reads a lease that does not let it act yet.
        WAITING,

        /// It cannot read the lease, or stood still.
        NONE,

        /// It has left.
        LEFT;

        /// As health checks show it.
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// The row was read, or written as asked: what to do about it.
    public LeaseMove onRow(LeaseRow answer, long sentNanos, long receivedNanos) {
        var read = plausible(answer, receivedNanos);
        watch(read, receivedNanos);
        row = read;
        answered = true;
        heardNanos = receivedNanos;
        var move = move(read, receivedNanos);
        // The lease ran out unnoticed while PostgreSQL was away, and is about to be written: what
        // vouched for the grant holds a moment longer.
        var resumes = read.expired() && move instanceof LeaseMove.Write;
        if (!resumes) {
            granted = grantedBy(read, sentNanos);
            vouchable = true;
        }
        return move;
    }

    /// Somebody else has written the row since it was read: it has to be read again, and what is
    /// known of it vouches for nothing.
    public void onOutrun() {
        vouchable = false;
        if (granted != null && (granted.vouched() || (row != null && row.expired()))) {
            granted = null;
        }
    }

    /// PostgreSQL was asked and did not answer.
    public void onUnavailable(long nanos) {
        var stoodStill = nanos - heardNanos > SILENCE_MAX.toNanos();
        heardNanos = nanos;
        answered = false;
        watching = false;
        var last = granted;
        if (stoodStill) {
            granted = null;
        } else if (last != null && vouchable && last.hasBegunAt(nanos)) {
            granted = last.vouchedUntil(nanos + VOUCHED.toNanos(), vouches);
        }
    }

    /// Members came or went, even if it is the same ones now.
    public void onView(View now, long nanos) {
        if (!now.seesAll(view.seen())) {
            lossNanos = nanos;
        }
        var last = row;
        if (last != null && !now.seesAll(last.members())) {
            // Even if they are seen again: what the grid has is not what it was.
            newest = Math.max(newest, last.term() + 1);
        }
        view = now;
        vouchable = false;
        if (granted != null && (granted.vouched() || !now.seesAll(granted.members()))) {
            granted = null;
        }
    }

    /// A book has seen this term: grants of earlier ones are over.
    public void onTerm(long term) {
        newest = Math.max(newest, term);
        if (granted != null && granted.term() < newest) {
            granted = null;
        }
    }

    /// The node stops acting, for good; from now on the moves are those of leaving.
    public void onLeave() {
        leaving = true;
        granted = null;
    }

    /// The right to act, which may begin later or have run out.
    public Optional<Granted> granted() {
        return Optional.ofNullable(granted);
    }

    public View view() {
        return view;
    }

    /// Whether the row says that this node has left.
    public boolean hasLeft() {
        return leaving && row != null && row.departed().contains(view.self());
    }

    public State state(long nanos) {
        if (leaving) {
            return State.LEFT;
        }
        var last = granted;
        if (last == null || !last.isValidAt(nanos)) {
            return answered ? State.WAITING : State.NONE;
        }
        if (last.vouched()) {
            return State.VOUCHED;
        }
        return last.holder().equals(view.self()) ? State.HELD : State.GRANTED;
    }

    /// The newest term this node has read.
    public long term() {
        return row == null ? 0 : row.term();
    }

    private LeaseMove move(LeaseRow read, long nanos) {
        if (leaving) {
            return Leasing.left(read, view)
                    .<LeaseMove>map(LeaseMove.Write::new)
                    .orElseGet(() -> new LeaseMove.Wait(Leasing.PERIOD));
        }
        var watched = Duration.ofNanos(watching ? nanos - watchedSinceNanos : 0);
        var settled = Duration.ofNanos(nanos - lossNanos);
        return Leasing.next(
                read, new Leasing.Reader(view, exclusive, vouches, watched, settled, newest));
    }

    private void watch(LeaseRow read, long nanos) {
        var same = row != null && row.stamp() == read.stamp();
        if (read.expired() && !(watching && same)) {
            watchedSinceNanos = nanos;
        }
        watching = read.expired();
    }

    /// The row, should PostgreSQL's clock have been set back: no moment is farther away than the
    /// lease is long, a term that has begun has begun, and a lease that nobody has written for
    /// twice its time has run out.
    private LeaseRow plausible(LeaseRow read, long nanos) {
        var last = row;
        var begins = nanos + sooner(read.effectiveIn(), LeaseRow.TTL).toNanos();
        if (last == null || last.term() != read.term() || begins - beginsNanos < 0) {
            beginsNanos = begins;
        }
        if (last == null || last.stamp() != read.stamp()) {
            stampSinceNanos = nanos;
        }
        var stuck = nanos - stampSinceNanos > LeaseRow.TTL.multipliedBy(2).toNanos();
        return read.expiringIn(
                stuck
                        ? sooner(read.expiresIn(), Duration.ZERO)
                        : sooner(read.expiresIn(), LeaseRow.TTL));
    }

    private static Duration sooner(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private @Nullable Granted grantedBy(LeaseRow read, long sentNanos) {
        var acts =
                !leaving
                        && !read.expired()
                        && read.term() >= newest
                        && read.members().contains(view.self())
                        && view.seesAll(read.members());
        var until = sentNanos + read.expiresIn().minus(CLOCK_MARGIN).toNanos();
        return acts
                ? new Granted(
                        read.term(),
                        read.holder(),
                        read.members(),
                        read.lost(),
                        beginsNanos,
                        until,
                        until,
                        false)
                : null;
    }
}
