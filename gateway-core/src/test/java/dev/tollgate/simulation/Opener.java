package dev.tollgate.simulation;

import dev.tollgate.budget.Book;
import dev.tollgate.budget.Command;
import dev.tollgate.lease.Leasing;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/// Opens books, as `Opener`, `Opening` and `Colleagues` of the node.
final class Opener {

    private static final long OWNERS_TIME = 1_000_000;
    private static final long ASK_AGAIN = 200_000;
    private static final long FAILURE_PAUSE = 250_000;
    private static final long FAILURE_PAUSE_MAX = 1_000_000;
    private static final long ANSWER_TIME = 2_000_000;
    private static final int ITEMS = Command.ITEMS_MAX / 2;

    private final Node node;
    private final Simulation simulation;
    private final Map<String, Wanted> wanted = new HashMap<>();
    private final Map<String, Booker> bookers = new HashMap<>();

    /// Epochs that this node began and has not come to the end of.
    private final Map<String, Long> begun = new HashMap<>();

    private long grantedTerm;
    private long grantedMicros;

    private static final class Wanted {
        long since;
        long last;
        long asked = Long.MIN_VALUE / 2;
        long pause = FAILURE_PAUSE;
        boolean opening;

        Wanted(long now) {
            this.since = now;
            this.last = now;
        }
    }

    Opener(Node node) {
        this.node = node;
        this.simulation = node.simulation;
    }

    void onTerm(Lease.Grant grant) {
        grantedTerm = grant.term();
        grantedMicros = simulation.micros();
        for (var organization : ownedBooks()) {
            open(organization);
        }
    }

    private List<String> ownedBooks() {
        return Truth.ORGANIZATIONS.stream()
                .filter(organization ->
                        node.copies.containsKey(organization)
                                && simulation.grid.owns(node, organization))
                .toList();
    }

    void wanted(String organization) {
        var grant = node.lease.now();
        if (grant == null) {
            return;
        }
        var now = simulation.micros();
        var book = wanted.computeIfAbsent(organization, _ -> new Wanted(now));
        if (now - book.last > OWNERS_TIME) {
            book.since = now;
            book.asked = Long.MIN_VALUE / 2;
        }
        book.last = now;
        if (book.opening) {
            return;
        }
        var owner = node.merging ? null : simulation.grid.place(node.cluster, organization).primary;
        var opens =
                owner != null && grant.members().contains(owner.incarnation)
                        ? owner.incarnation
                        : grant.members().getFirst();
        if (opens.equals(node.incarnation) || now - book.since > OWNERS_TIME) {
            start(organization, book);
        } else if (now - book.asked > ASK_AGAIN) {
            book.asked = now;
            var there = node.member(opens);
            if (there != null) {
                simulation.send(node, there, () -> there.opener.open(organization));
            }
        }
    }

    /// Opens the books this node owns and does not book for, where that is needed.
    void tend(Lease.Grant grant) {
        if (!simulation.keeps(Remedy.REOPEN)) {
            return;
        }
        for (var organization : ownedBooks()) {
            var booker = bookers.get(organization);
            if (booker == null || booker.fenced || booker.term != grant.term()) {
                open(organization);
            }
        }
    }

    void open(String organization) {
        var book = wanted.computeIfAbsent(organization, _ -> new Wanted(simulation.micros()));
        if (!book.opening) {
            start(organization, book);
        }
    }

    private void start(String organization, Wanted book) {
        book.opening = true;
        book.pause = FAILURE_PAUSE;
        new Attempt(organization, book).begin();
    }

    void wakeBooker(String organization) {
        var booker = bookers.get(organization);
        if (booker != null) {
            booker.wake();
        }
    }

    private void fenced(String organization) {
        node.later(
                OWNERS_TIME,
                () -> {
                    if (simulation.keeps(Remedy.REOPEN) && node.lease.now() != null) {
                        open(organization);
                    }
                });
    }

    /// One try.
    private final class Attempt {
        private final String organization;
        private final Wanted book;
        private long term;
        private long epoch;
        private long openedMillis;
        private List<UUID> members = List.of();
        private final List<DiskJournal.Recorded> presents = new ArrayList<>();
        private final Set<UUID> lives = new HashSet<>();
        private boolean over;

        Attempt(String organization, Wanted book) {
            this.organization = organization;
            this.book = book;
        }

        private void done() {
            if (!over) {
                over = true;
                book.opening = false;
                wanted.remove(organization, book);
            }
        }

        private void fail() {
            if (over) {
                return;
            }
            over = true;
            simulation.log(
                    "%s: book of %s not opened in term %d, epoch %d"
                            .formatted(node, organization, term, epoch));
            if (node.lease.now() == null) {
                book.opening = false;
                return;
            }
            var pause = book.pause;
            book.pause = Math.min(FAILURE_PAUSE_MAX, pause * 2);
            node.later(pause, () -> new Attempt(organization, book).begin());
        }

        void begin() {
            var grant = node.lease.now();
            if (grant == null) {
                fail();
                return;
            }
            term = grant.term();
            members = grant.members();
            simulation.grid.read(
                    node, organization, Book::status, status -> begin(grant, status), this::fail);
        }

        private void begin(Lease.Grant grant, Book.Status status) {
            if (status.term() > grant.term()) {
                node.lease.outdated(status.term());
                fail();
                return;
            }
            var booker = bookers.get(organization);
            var fenced = booker != null && booker.fenced && booker.epoch == status.epoch();
            var behind = begun.getOrDefault(organization, 0L) >= status.epoch();
            if (status.open()
                    && status.term() == grant.term()
                    && !(simulation.keeps(Remedy.REOPEN) && (fenced || behind))) {
                done();
                return;
            }
            if (status.version() == 0) {
                awaitLost(grant);
            } else {
                beginEpoch();
            }
        }

        private void awaitLost(Lease.Grant grant) {
            var lost = grant.lost();
            var since =
                    lost.since().toNanos() / 1000
                            + (grantedTerm == term ? simulation.micros() - grantedMicros : 0);
            if (lost.nodes().isEmpty() || since > Leasing.LOST_FOR.toNanos() / 1000) {
                beginEpoch();
                return;
            }
            simulation.database.call(
                    node,
                    () -> simulation.database.bookTerm(organization),
                    known -> {
                        if (known < lost.term()) {
                            beginEpoch();
                        } else {
                            askAll(
                                    0,
                                    () -> {
                                        if (lives.containsAll(lost.nodes())) {
                                            beginEpoch();
                                        } else {
                                            fail();
                                        }
                                    });
                        }
                    },
                    _ -> fail());
        }

        private void beginEpoch() {
            openedMillis = node.nowMillis();
            simulation.database.call(
                    node,
                    () -> simulation.database.openBook(organization, term),
                    opened -> {
                        epoch = opened.epoch();
                        begun.put(organization, epoch);
                        askAll(epoch, this::strangers);
                    },
                    _ -> fail());
        }

        private void askAll(long asked, Runnable then) {
            presents.clear();
            var awaited = new HashSet<UUID>(members);
            awaited.remove(node.incarnation);
            if (simulation.keeps(Remedy.MERGE) && node.isMerged()) {
                fail();
                return;
            }
            presents.addAll(node.presents(organization, asked));
            lives.addAll(node.lives);
            node.later(
                    ANSWER_TIME,
                    () -> {
                        if (!awaited.isEmpty()) {
                            fail();
                        }
                    });
            for (var member : members) {
                if (!member.equals(node.incarnation)) {
                    ask(member, asked, awaited, then);
                }
            }
            if (awaited.isEmpty()) {
                then.run();
            }
        }

        private void ask(UUID member, long asked, Set<UUID> awaited, Runnable then) {
            var there = node.member(member);
            if (there == null) {
                fail();
                return;
            }
            simulation.send(
                    node,
                    there,
                    () -> {
                        if (there.cluster != node.cluster
                                || (simulation.keeps(Remedy.MERGE) && there.isMerged())) {
                            return;
                        }
                        var theirs = there.presents(organization, asked);
                        simulation.send(
                                there,
                                node,
                                () -> {
                                    if (!over && awaited.remove(member)) {
                                        presents.addAll(theirs);
                                        lives.addAll(there.lives);
                                        if (awaited.isEmpty()) {
                                            then.run();
                                        }
                                    }
                                });
                    });
        }

        private void strangers() {
            simulation.grid.read(
                    node,
                    organization,
                    there -> there.holdsOfOthers(members, Book.BEFORE_ALL, Command.ITEMS_MAX),
                    strangers -> inLedger(strangers.stream().map(Book.HoldOwner::id).toList()),
                    this::fail);
        }

        private void inLedger(List<UUID> strangers) {
            var ids = new ArrayList<>(strangers);
            for (var present : presents) {
                if (present.settle() == null) {
                    ids.add(present.hold().id());
                }
            }
            simulation.database.call(
                    node,
                    () -> simulation.database.booked(ids),
                    known -> tell(new ArrayDeque<>(commands(known))),
                    _ -> fail());
        }

        private List<Command> commands(Set<UUID> known) {
            var holds = new ArrayList<Command.Hold>();
            var entries = new ArrayList<Command.Open.Present>();
            for (var present : presents) {
                var hold = present.hold();
                var settle = present.settle();
                if (settle != null) {
                    entries.add(
                            new Command.Open.Present(
                                    hold.id(),
                                    hold.incarnation(),
                                    hold.charges(),
                                    settle.used(),
                                    Truth.row(hold.facts(), settle.outcome())));
                } else if (!known.contains(hold.id())) {
                    holds.add(hold);
                }
            }
            var gone = List.copyOf(known);
            var longest = Math.max(holds.size(), Math.max(entries.size(), gone.size()));
            var commands = new ArrayList<Command>();
            var from = 0;
            do {
                commands.add(
                        new Command.Open(
                                term,
                                epoch,
                                1,
                                openedMillis,
                                members,
                                part(holds, from),
                                part(entries, from),
                                part(gone, from),
                                from == 0,
                                from + ITEMS >= longest));
                from += ITEMS;
            } while (from < longest);
            return commands;
        }

        private static <T> List<T> part(List<T> items, int from) {
            return from >= items.size()
                    ? List.of()
                    : List.copyOf(items.subList(from, Math.min(from + ITEMS, items.size())));
        }

        private void tell(ArrayDeque<Command> commands) {
            var command = commands.poll();
            if (command == null) {
                orphans();
                return;
            }
            applyNow(
                    command,
                    result -> {
                        if (result instanceof Command.Opened(var theirs) && theirs == epoch) {
                            tell(commands);
                        } else {
                            fail();
                        }
                    });
        }

        private void applyNow(Command command, Consumer<Command.Result> then) {
            simulation.grid.apply(
                    node,
                    organization,
                    members,
                    List.of(command),
                    answers -> then.accept(answers.results().getFirst()),
                    this::fail);
        }

        private void orphans() {
            simulation.grid.read(
                    node,
                    organization,
                    there -> there.holdsOfOthers(members, Book.BEFORE_ALL, Command.ITEMS_MAX),
                    strangers -> {
                        var gone = new LinkedHashSet<UUID>();
                        strangers.forEach(hold -> gone.add(hold.incarnation()));
                        orphan(new ArrayDeque<>(gone));
                    },
                    this::fail);
        }

        private void orphan(ArrayDeque<UUID> gone) {
            var incarnation = gone.poll();
            if (incarnation == null) {
                opened();
                return;
            }
            applyNow(
                    new Command.Orphan(incarnation, term, node.nowMillis()),
                    result -> {
                        if (result instanceof Command.Orphaned) {
                            orphan(gone);
                        } else {
                            fail();
                        }
                    });
        }

        private void opened() {
            if (over) {
                return;
            }
            simulation.log(
                    "%s: book of %s open in term %d, epoch %d, with %d from journals"
                            .formatted(node, organization, term, epoch, presents.size()));
            var booker =
                    new Booker(
                            node, organization, epoch, term, members, () -> fenced(organization));
            var before = bookers.put(organization, booker);
            if (before != null) {
                before.stopping = true;
            }
            begun.remove(organization, epoch);
            booker.start();
            done();
        }
    }

    Collection<Booker> bookers() {
        return bookers.values();
    }
}
