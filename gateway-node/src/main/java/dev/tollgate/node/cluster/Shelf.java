package dev.tollgate.node.cluster;

import com.hazelcast.map.EntryProcessor;
import dev.tollgate.budget.Book;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/// Where the books are: in the grid, or on this node alone.
///
/// Work on one book is done by one thread at a time, in the order in which it was submitted.
interface Shelf {

    /// Completes with the work's answer, on the thread that did it; fails where none came, and the
    /// work may have been done.
    <R> CompletionStage<R> submit(String organization, EntryProcessor<String, Book, R> work);

    /// The organizations whose books this node keeps, for itself and for others.
    Set<String> owned();
}
