package dev.tollgate.simulation;

import dev.tollgate.budget.Answers;
import dev.tollgate.budget.Command;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// A node's side of one organization's book, as `Desk` of the node.
final class Desk {

    private static final long RETRY = 25_000;

    final Node node;
    final String organization;
    final ArrayDeque<UUID> acknowledgements = new ArrayDeque<>();
    final Owed owed;
    final Seeding seeding;
    private final ArrayDeque<Calls.Call> waiting = new ArrayDeque<>();
    private final ArrayDeque<Calls.Call> again = new ArrayDeque<>();
    private boolean busy;
    private boolean retrying;

    Desk(Node node, String organization) {
        this.node = node;
        this.organization = organization;
        this.owed = new Owed(this);
        this.seeding = new Seeding(this);
    }

    void send(Calls.Call call) {
        waiting.add(call);
        flush();
    }

    void sendAgain(Calls.Call call) {
        again.add(call);
        retry();
    }

    void look() {
        send(new Calls.Mark());
    }

    private void flush() {
        while (!waiting.isEmpty() && !busy) {
            var grant = node.lease.now();
            if (grant == null) {
                retry();
                return;
            }
            var batch = new ArrayList<Calls.Call>();
            for (var call = waiting.poll(); call != null; call = waiting.poll()) {
                if (!call.isDone()) {
                    batch.add(call);
                }
            }
            if (!batch.isEmpty()) {
                busy = true;
                send(batch, grant);
                return;
            }
        }
    }

    private void send(List<Calls.Call> batch, Lease.Grant grant) {
        var term = grant.term();
        var acknowledged = List.copyOf(acknowledgements);
        acknowledgements.clear();
        var carried = acknowledged.isEmpty();
        var commands = new ArrayList<Command>();
        for (var call : batch) {
            var carries = !carried && call.acknowledges();
            commands.add(call.command(term, carries ? acknowledged : List.of()));
            carried |= carries;
        }
        if (!carried) {
            acknowledgements.addAll(acknowledged);
        }
        var putBack = carried ? acknowledged : List.<UUID>of();
        node.simulation.grid.apply(
                node,
                organization,
                grant.members(),
                commands,
                answers -> answered(batch, term, answers),
                () -> {
                    acknowledgements.addAll(putBack);
                    batch.forEach(this::sendAgain);
                    busy = false;
                    flush();
                });
    }

    private void answered(List<Calls.Call> batch, long term, Answers answers) {
        owed.booked(answers);
        if (answers.term() > term) {
            node.lease.outdated(answers.term());
        }
        for (var i = 0; i < batch.size(); i++) {
            deliver(batch.get(i), answers.results().get(i), answers);
        }
        busy = false;
        flush();
    }

    private void deliver(Calls.Call call, Command.Result result, Answers by) {
        switch (result) {
            case Command.NotOpen _ -> {
                node.opener.wanted(organization);
                sendAgain(call);
            }
            case Command.OldTerm _ -> sendAgain(call);
            default -> call.answered(result, by);
        }
    }

    private void retry() {
        if (!retrying) {
            retrying = true;
            node.later(
                    RETRY,
                    () -> {
                        retrying = false;
                        waiting.addAll(again);
                        again.clear();
                        flush();
                    });
        }
    }
}
