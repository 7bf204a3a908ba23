package dev.tollgate.node.cluster;

import com.hazelcast.core.HazelcastException;
import com.hazelcast.map.EntryProcessor;
import com.hazelcast.map.IMap;
import dev.tollgate.budget.Book;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Books that several nodes share, each on the member that owns its partition, with a backup.
final class GridShelf implements Shelf {

    private final IMap<String, Book> books;

    GridShelf(IMap<String, Book> books) {
        this.books = books;
    }

    /// A member that is stopping throws at once, elsewhere the stage fails: here it always fails.
    @Override
    public <R> CompletionStage<R> submit(
            String organization, EntryProcessor<String, Book, R> work) {
        try {
            return books.submitToKey(organization, work);
        } catch (HazelcastException | IllegalStateException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public Set<String> owned() {
        return books.localKeySet();
    }
}
