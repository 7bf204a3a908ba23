package dev.tollgate.node.cluster;

import com.hazelcast.map.EntryProcessor;
import dev.tollgate.budget.Answers;
import dev.tollgate.budget.Book;
import dev.tollgate.budget.BudgetCharge;
import dev.tollgate.budget.Command;
import dev.tollgate.budget.CounterKey;
import dev.tollgate.budget.OutboxEntry;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Calls to books, wherever they are.
///
/// What completes a stage must not call a book again on the same thread: continue with
/// `whenCompleteAsync`.
final class BookCalls {

    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(5);

    private final Shelf shelf;

    BookCalls(Shelf shelf) {
        this.shelf = shelf;
    }

    /// Applies commands in their order, in one call.
    ///
    /// @param members of the term they are sent in: all must be seen where they are applied
    CompletionStage<Answers> apply(
            String organization, List<UUID> members, List<Command> commands) {
        return submit(organization, new ApplyCommands(members, commands));
    }

    CompletionStage<Book.Standings> standings(String organization, List<BudgetCharge> charges) {
        return submit(organization, new ReadBook(new ReadBook.Standings(charges)))
                .thenApplyAsync(ReadBookCodec::readStandings);
    }

    /// Blocks. For virtual threads.
    ///
    /// @throws BookCallException when no answer came; the command may have been applied
    Command.Result applyNow(String organization, List<UUID> members, Command command) {
        return await(apply(organization, members, List.of(command))).results().getFirst();
    }

    /// Blocks. For virtual threads.
    List<OutboxEntry> unbooked(String organization, int max) {
        var question = new ReadBook.Unbooked(0, max);
        return ReadBookCodec.readEntries(await(submit(organization, new ReadBook(question))));
    }

    /// Incarnations by the ids of open holds, of others than `members`. Blocks. For virtual
    /// threads.
    Map<UUID, UUID> holdsOfOthers(String organization, List<UUID> members) {
        var found = new HashMap<UUID, UUID>();
        var after = Book.BEFORE_ALL;
        while (true) {
            var question = new ReadBook.Holds(members, after);
            var page =
                    ReadBookCodec.readHoldOwners(
                            await(submit(organization, new ReadBook(question))));
            if (page.isEmpty()) {
                return found;
            }
            for (var hold : page) {
                found.put(hold.id(), hold.incarnation());
                after = hold.id();
            }
        }
    }

    /// Open holds of an incarnation that were taken before a moment, the first of them. Blocks. For
    /// virtual threads.
    List<UUID> oldHolds(String organization, UUID incarnation, long beforeMillis) {
        var question = new ReadBook.HoldIds(incarnation, beforeMillis, Book.BEFORE_ALL);
        return ReadBookCodec.readHoldIds(await(submit(organization, new ReadBook(question))));
    }

    /// The organizations whose books this node keeps.
    Set<String> owned() {
        return shelf.owned();
    }

    /// Blocks. For virtual threads.
    Book.Live live(String organization, List<CounterKey> keys) {
        var question = new ReadBook.Live(keys);
        return ReadBookCodec.readLive(await(submit(organization, new ReadBook(question))));
    }

    /// Blocks. For virtual threads.
    Book.Status status(String organization) {
        return ReadBookCodec.readStatus(
                await(submit(organization, new ReadBook(new ReadBook.Status()))));
    }

    private <R> CompletionStage<R> submit(
            String organization, EntryProcessor<String, Book, R> work) {
        return shelf.submit(organization, work);
    }

    private static <T> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture()
                    .get(ANSWER_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BookCallException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new BookCallException("no answer from the book", e);
        }
    }
}
