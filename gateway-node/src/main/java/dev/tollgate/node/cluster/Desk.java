package dev.tollgate.node.cluster;

import dev.tollgate.budget.Answers;
import dev.tollgate.budget.Command;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// This node's side of one organization's book: what is to be sent waits here, and goes as one
/// batch when the batch before it is answered.
///
/// So one node's commands reach the book in the order in which they were given, and the price of a
/// hop is shared by all that came in the meantime. What a shut book, a newer term or a lost answer
/// sends back is repeated, with the same ids, until it is answered or no longer wanted. Calls may
/// be given by any thread.
final class Desk {

    private static final Logger LOG = LoggerFactory.getLogger(Desk.class);
    private static final int BATCH_MAX = 256;
    private static final long RETRY_MILLIS = 25;
    private static final long ALONG_MILLIS = 1;

    final String organization;
    final Acknowledgements acknowledgements = new Acknowledgements();
    final Seeding seeding;
    final Owed owed;

    private final Vertx vertx;
    private final BookCalls calls;
    private final Grants grants;
    private final Opener opener;
    private final ConcurrentLinkedQueue<BookCall> waiting = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<BookCall> again = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean busy = new AtomicBoolean();
    private final AtomicBoolean retrying = new AtomicBoolean();
    private final AtomicBoolean following = new AtomicBoolean();

    /// What a desk needs of its node.
    record Parts(Vertx vertx, BookCalls calls, Grants grants, Opener opener) {}

    Desk(String organization, Parts parts, Seeding seeding, Owed owed) {
        this.organization = organization;
        this.vertx = parts.vertx();
        this.calls = parts.calls();
        this.grants = parts.grants();
        this.opener = parts.opener();
        this.seeding = seeding;
        this.owed = owed;
    }

    /// Sends a command as soon as the one before it is answered.
    void send(BookCall call) {
        waiting.add(call);
        flush();
    }

    /// Sends a command with the next one, or in a millisecond: nobody waits for its answer, and
    /// whatever this node asks next is decided after it.
    void sendAlong(BookCall call) {
        waiting.add(call);
        if (following.compareAndSet(false, true)) {
            vertx.setTimer(
                    ALONG_MILLIS,
                    _ -> {
                        following.set(false);
                        flush();
                    });
        }
    }

    /// Sends a command again after a short while.
    void sendAgain(BookCall call) {
        again.add(call);
        retry();
    }

    /// Whether everything given so far was sent and answered, or has to be sent again.
    boolean isQuiet() {
        return waiting.isEmpty() && !busy.get();
    }

    private void flush() {
        while (!waiting.isEmpty() && busy.compareAndSet(false, true)) {
            var grant = grants.now();
            if (grant == null) {
                // However long that lasts, only what somebody still waits for is kept.
                waiting.removeIf(BookCall::isDone);
                busy.set(false);
                retry();
                return;
            }
            var batch = batch();
            if (batch.isEmpty()) {
                busy.set(false);
            } else {
                send(batch, grant);
                return;
            }
        }
    }

    private List<BookCall> batch() {
        var batch = new ArrayList<BookCall>();
        while (batch.size() < BATCH_MAX) {
            var call = waiting.poll();
            if (call == null) {
                break;
            }
            if (!call.isDone()) {
                batch.add(call);
            }
        }
        return batch;
    }

    private void send(List<BookCall> batch, Grants.Grant grant) {
        var term = grant.term();
        var acknowledged = acknowledgements.take();
        var carried = acknowledged.isEmpty();
        var commands = new ArrayList<Command>(batch.size());
        for (var call : batch) {
            var carries = !carried && call.acknowledges();
            commands.add(call.command(term, carries ? acknowledged : List.of()));
            carried |= carries;
        }
        if (!carried) {
            acknowledgements.putBack(acknowledged);
        }
        var sent = new Sent(batch, term, carried ? acknowledged : List.of());
        calls.apply(organization, grant.members(), commands)
                .whenComplete((answers, failure) -> arrived(sent, answers, failure));
    }

    private record Sent(List<BookCall> batch, long term, List<UUID> acknowledged) {}

    /// On the grid's thread, which must not be kept and must not call a book: only hands over, once
    /// for each context.
    private void arrived(Sent sent, @Nullable Answers answers, @Nullable Throwable failure) {
        var first = sent.batch.getFirst().context();
        for (var i = 1; i < sent.batch.size(); i++) {
            var context = sent.batch.get(i).context();
            if (!context.equals(first) && isFirstOf(context, sent.batch, i)) {
                context.runOnContext(_ -> deliver(sent, context, answers));
            }
        }
        first.runOnContext(_ -> {
            try {
                if (answers == null) {
                    failed(sent, failure);
                } else {
                    noticed(sent, answers);
                }
                deliver(sent, first, answers);
            } finally {
                busy.set(false);
                flush();
            }
        });
    }

    private static boolean isFirstOf(Context context, List<BookCall> batch, int place) {
        for (var i = 1; i < place; i++) {
            if (batch.get(i).context().equals(context)) {
                return false;
            }
        }
        return true;
    }

    private void failed(Sent sent, @Nullable Throwable failure) {
        acknowledgements.putBack(sent.acknowledged);
        LOG.debug("book of {}: no answer, asks again", organization, failure);
    }

    private void noticed(Sent sent, Answers answers) {
        owed.booked(answers);
        if (answers.term() > sent.term) {
            grants.outdated(answers.term());
        }
    }

    private void deliver(Sent sent, Context context, @Nullable Answers answers) {
        for (var i = 0; i < sent.batch.size(); i++) {
            var call = sent.batch.get(i);
            if (call.context().equals(context)) {
                if (answers == null) {
                    sendAgain(call);
                } else {
                    deliverSafely(call, answers.results().get(i), answers);
                }
            }
        }
    }

    /// One caller's failure is not the others'.
    private void deliverSafely(BookCall call, Command.Result result, Answers by) {
        try {
            deliver(call, result, by);
        } catch (RuntimeException e) {
            LOG.error("book of {}: {} not taken by its caller", organization, result, e);
        }
    }

    private void deliver(BookCall call, Command.Result result, Answers by) {
        switch (result) {
            case Command.NotOpen _ -> {
                opener.wanted(organization);
                sendAgain(call);
            }
            case Command.OldTerm _ -> sendAgain(call);
            default -> call.answered(result, by);
        }
    }

    private void retry() {
        if (retrying.compareAndSet(false, true)) {
            vertx.setTimer(
                    RETRY_MILLIS,
                    _ -> {
                        retrying.set(false);
                        for (var call = again.poll(); call != null; call = again.poll()) {
                            waiting.add(call);
                        }
                        flush();
                    });
        }
    }
}
