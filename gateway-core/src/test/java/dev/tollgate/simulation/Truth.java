package dev.tollgate.simulation;

import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.Applied;
import dev.tollgate.budget.Ask;
import dev.tollgate.budget.BookImage;
import dev.tollgate.budget.BudgetCharge;
import dev.tollgate.budget.Command;
import dev.tollgate.budget.CounterKey;
import dev.tollgate.budget.Limits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What was really asked, admitted and used, and what has to follow from it.
final class Truth {

    static final List<String> ORGANIZATIONS = List.of("acme");

    private final Simulation simulation;
    private final Map<UUID, Request> requests = new LinkedHashMap<>();
    private final Map<CounterKey, Long> taken = new HashMap<>();
    private final Map<CounterKey, Long> limits = new HashMap<>();
    int admitted;
    int exhausted;
    int unavailable;
    int falselyCharged;
    int slack;

    Truth(Simulation simulation) {
        this.simulation = simulation;
    }

    enum End {
        EXHAUSTED,
        UNAVAILABLE
    }

    /// Tokens of an attempt and the end of its row.
    record Used(Amounts amounts, byte[] outcome) {
        static final Used NOTHING = of(Amounts.NONE);

        static Used of(Amounts amounts) {
            return new Used(
                    amounts,
                    ("\"requests\":%d,\"uncached_input_tokens\":%d,\"output_tokens\":%d,"
                                    + "\"cost_nano_usd\":%d,\"usage_source\":\"provider\"")
                            .formatted(
                                    amounts.requests(),
                                    amounts.inputTokens(),
                                    amounts.outputTokens(),
                                    amounts.costNanoUsd())
                            .getBytes(StandardCharsets.US_ASCII));
        }
    }

    static final class Request {
        final UUID id;
        final Node owner;
        final Ask ask;
        final List<BudgetCharge> charges;
        final long askedMillis;
        @Nullable End end;
        boolean admitted;
        Amounts held = Amounts.NONE;
        Amounts used = Amounts.NONE;
        boolean settled;
        boolean ownerDied;
        boolean journalLost;

        /// Its hold was lost with every copy of the book while its owner was away.
        boolean slack;

        Request(UUID id, Node owner, Ask ask, List<BudgetCharge> charges, long askedMillis) {
            this.id = id;
            this.owner = owner;
            this.ask = ask;
            this.charges = charges;
            this.askedMillis = askedMillis;
        }

        byte[] facts() {
            return ("\"id\":\"" + id + "\"").getBytes(StandardCharsets.US_ASCII);
        }

        @Override
        public String toString() {
            return id.toString().substring(0, 8);
        }
    }

    static byte[] row(byte[] facts, byte[] outcome) {
        return ("{"
                        + new String(facts, StandardCharsets.US_ASCII)
                        + ","
                        + new String(outcome, StandardCharsets.US_ASCII)
                        + "}")
                .getBytes(StandardCharsets.US_ASCII);
    }

    List<CounterKey> countersOf(UUID id) {
        var request = requests.get(id);
        if (request == null) {
            throw simulation.failure("row of nobody: " + id);
        }
        return request.charges.stream().map(BudgetCharge::counter).toList();
    }

    List<String> names(List<UUID> incarnations) {
        return incarnations.stream()
                .map(incarnation ->
                        simulation.nodes().stream()
                                .filter(node -> node.incarnation.equals(incarnation))
                                .map(Node::toString)
                                .findFirst()
                                .orElse("gone"))
                .toList();
    }

    // --- requests ---

    Request ask(Node node, Ask ask, List<BudgetCharge> charges) {
        for (var charge : charges) {
            limits.put(charge.counter(), charge.ceilings().totalTokens());
        }
        var request =
                new Request(simulation.uuid(), node, ask, charges, simulation.elapsedMillis());
        requests.put(request.id, request);
        var desk = node.desk(ORGANIZATIONS.getFirst());
        desk.send(new Calls.HoldCall(desk, request));
        return request;
    }

    /// Nobody acts in a later term that leaves this node out.
    void acts(Node node, Lease.Grant grant) {
        for (var other : simulation.nodes()) {
            var theirs = other.lease.now();
            if (theirs != null
                    && !other.paused
                    && theirs.term() > grant.term()
                    && !theirs.members().contains(node.incarnation)) {
                throw simulation.failure(
                        "%s admits in term %d, and %s acts in term %d without it"
                                .formatted(node, grant.term(), other, theirs.term()));
            }
        }
    }

    void admitted(Request request, Command.Held held, long epoch) {
        if (request.admitted || request.end != null) {
            throw simulation.failure("answered twice: " + request);
        }
        request.admitted = true;
        request.held = held.held();
        admitted++;
        var input = request.held.inputTokens();
        var output = request.held.outputTokens();
        request.used =
                simulation.chance(300)
                        ? request.held
                        : new Amounts(
                                1, simulation.between(0, input), simulation.between(0, output), 0);
        var node = request.owner;
        simulation.log(
                "%s: %s admitted in epoch %d for %d"
                        .formatted(node, request, epoch, tokens(request.held)));
        take(request, tokens(request.held));
        for (var charge : request.charges) {
            var limit = charge.ceilings().totalTokens();
            var sum = taken.getOrDefault(charge.counter(), 0L);
            if (sum > limit) {
                throw simulation.failure(
                        "%s admitted past %s: %d of %d"
                                .formatted(request, charge.counter(), sum, limit));
            }
        }
        var length =
                simulation.chance(100)
                        ? simulation.between(1_000_000, 20_000_000)
                        : simulation.between(1000, 1_500_000);
        node.later(length, () -> ended(request));
    }

    private void ended(Request request) {
        request.settled = true;
        give(request, tokens(request.held) - tokens(request.used));
        request.owner.settle(ORGANIZATIONS.getFirst(), request.id, Used.of(request.used));
    }

    private void take(Request request, long tokens) {
        if (!request.slack) {
            request.charges.forEach(charge -> taken.merge(charge.counter(), tokens, Long::sum));
        }
    }

    private void give(Request request, long tokens) {
        take(request, -tokens);
    }

    void refused(Request request, End end) {
        request.end = end;
        if (end == End.EXHAUSTED) {
            exhausted++;
        } else {
            unavailable++;
        }
    }

    static long tokens(Amounts amounts) {
        return amounts.inputTokens() + amounts.outputTokens();
    }

    // --- what befalls ---

    void died(Node node) {
        for (var request : requests.values()) {
            if (request.owner == node && !request.ownerDied) {
                request.ownerDied = true;
                if (request.admitted && !request.settled) {
                    give(request, tokens(request.held) - tokens(request.used));
                }
            }
        }
    }

    void lost(DiskJournal journal) {
        for (var request : requests.values()) {
            if (request.owner.journal == journal) {
                request.journalLost = true;
            }
        }
    }

    void released(Collection<UUID> ids) {
        for (var id : ids) {
            if (simulation.database.settled(List.of(id)).isEmpty()) {
                throw simulation.failure("released and not in the ledger: " + id);
            }
        }
    }

    /// A book that is opened where no copy is left that knew them does not know the holds of those
    /// who are away.
    void applied(Node primary, String organization, List<Command> commands, Applied applied) {
        for (var i = 0; i < commands.size(); i++) {
            if (commands.get(i) instanceof Command.Open open
                    && open.first()
                    && applied.answers().results().get(i) instanceof Command.Opened(var epoch)
                    && epoch == open.epoch()) {
                opened(primary, organization, open);
            }
        }
    }

    private void opened(Node primary, String organization, Command.Open open) {
        var there = primary.copies.get(organization);
        if (there == null) {
            return;
        }
        var known = ids(there.image());
        open.holds().forEach(hold -> known.add(hold.id()));
        open.entries().forEach(entry -> known.add(entry.id()));
        for (var request : requests.values()) {
            if (request.admitted
                    && !request.slack
                    && !open.members().contains(request.owner.incarnation)
                    && !known.contains(request.id)
                    && simulation.database.row(request.id) == null) {
                lost(request, organization, open);
            }
        }
    }

    private void lost(Request request, String organization, Command.Open open) {
        for (var node : simulation.nodes()) {
            if (!open.members().contains(node.incarnation)) {
                continue;
            }
            var copy = node.copies.get(organization);
            var carried = node.carried.get(organization);
            if ((copy != null && ids(copy.image()).contains(request.id))
                    || (carried != null && ids(carried).contains(request.id))) {
                throw simulation.failure(
                        "%s of %s is known to %s, and not to the book that is opened in epoch %d"
                                .formatted(request, request.owner, node, open.epoch()));
            }
        }
        give(request, tokens(request.settled || request.ownerDied ? request.used : request.held));
        request.slack = true;
        slack++;
        simulation.log(request + " of " + request.owner + " is lost with all copies");
    }

    private static Set<UUID> ids(BookImage image) {
        var ids = new HashSet<UUID>();
        image.holds().forEach(hold -> ids.add(hold.held().id()));
        image.entries().forEach(entry -> ids.add(entry.entry().id()));
        return ids;
    }

    /// What a caller is told is on every copy.
    void held(Node node, Request request, long epoch) {
        var place = simulation.grid.place(node.cluster, ORGANIZATIONS.getFirst());
        var book = place.primary == null ? null : place.primary.copies.get("acme");
        var backup = place.backup;
        if (node.merging
                || book == null
                || backup == null
                || !backup.alive
                || backup.cluster != node.cluster
                || book.status().epoch() != epoch) {
            return;
        }
        var copy = backup.copies.get("acme");
        if (ids(book.image()).contains(request.id)
                && (copy == null || !ids(copy.image()).contains(request.id))) {
            throw simulation.failure(request + ": held, and not on the backup");
        }
    }

    // --- in the end ---

    List<Request> since(long millis) {
        return requests.values().stream().filter(request -> request.askedMillis >= millis).toList();
    }

    void check() {
        var faults = new ArrayList<String>();
        for (var request : requests.values()) {
            check(request, faults);
        }
        for (var key : limits.keySet()) {
            long sum = 0;
            for (var request : requests.values()) {
                var row = simulation.database.row(request.id);
                if (row != null && countersOf(request.id).contains(key)) {
                    sum += tokens(row.sum());
                }
            }
            if (sum != tokens(simulation.database.sum(key))) {
                faults.add("sum of " + key);
            }
        }
        for (var node : simulation.nodes()) {
            check(node, faults);
        }
        if (!faults.isEmpty()) {
            throw simulation.failure(
                    faults.size() + " faults: " + faults.subList(0, Math.min(8, faults.size())));
        }
    }

    private void check(Request request, List<String> faults) {
        var row = simulation.database.row(request.id);
        var sum = row == null ? Amounts.NONE : row.sum();
        var free = request.slack && (request.ownerDied || request.journalLost);
        if (!request.admitted) {
            if (tokens(sum) != 0) {
                falselyCharged++;
                if (!request.ownerDied && Boolean.getBoolean("strict")) {
                    faults.add(request + " never admitted, charged " + sum);
                }
            }
        } else if (request.settled && !request.journalLost) {
            if (row == null || !sum.equals(request.used)) {
                faults.add(
                        "%s of %s used %s, ledger has %s"
                                .formatted(request, request.owner, request.used, row));
            }
        } else if (row == null ? !free : tokens(sum) < tokens(request.used) && !free) {
            faults.add(
                    "%s of %s was admitted for %s, ledger has %s"
                            .formatted(request, request.owner, request.held, row));
        }
    }

    private void check(Node node, List<String> faults) {
        if (!node.journal.isEmpty()) {
            faults.add(node + ": the journal keeps " + node.journal.of("acme").size());
        }
        if (!node.leftovers.isEmpty()) {
            faults.add(node + ": leftovers stay");
        }
        if (!simulation.grid.owns(node, "acme")) {
            return;
        }
        var book = node.copies.get("acme");
        if (book == null) {
            return;
        }
        var status = book.status();
        if (status.holds() != 0 || status.entries() != 0) {
            faults.add(node + ": book keeps " + status);
        }
        for (var request : requests.values()) {
            for (var standing : book.standings(request.charges).known()) {
                if (!standing.posted().equals(simulation.database.sum(standing.counter()))) {
                    faults.add(
                            "counter %s: %s, ledger %s"
                                    .formatted(
                                            standing.counter(),
                                            standing.posted(),
                                            simulation.database.sum(standing.counter())));
                    return;
                }
            }
        }
        var backup = simulation.grid.place(node.cluster, "acme").backup;
        if (backup != null) {
            var copy = backup.copies.get("acme");
            if (copy == null || copy.version() != book.version()) {
                faults.add("backup on " + backup + " differs");
            }
        }
    }

    static BudgetCharge charge(UUID budget, String subject, long start, long end, long limit) {
        var limits =
                new Limits(
                        Limits.NONE_SET, Limits.NONE_SET, Limits.NONE_SET, limit, Limits.NONE_SET);
        return new BudgetCharge(
                new CounterKey(budget, subject, start),
                "budget",
                end,
                limits,
                limits,
                0,
                List.of(),
                "reject");
    }
}
