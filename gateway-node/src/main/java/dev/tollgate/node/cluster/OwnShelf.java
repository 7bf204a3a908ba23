package dev.tollgate.node.cluster;

import com.hazelcast.map.EntryProcessor;
import dev.tollgate.budget.Book;
import java.util.AbstractMap.SimpleEntry;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Books of a node that has no others. The thread that submits work does it, and what others submit
/// meanwhile: nobody waits for anybody, and no thread has to be woken.
final class OwnShelf implements Shelf, AutoCloseable {

    private final Map<String, Place> places = new ConcurrentHashMap<>();
    private volatile boolean closed;

    @Override
    public <R> CompletionStage<R> submit(
            String organization, EntryProcessor<String, Book, R> work) {
        if (closed) {
            return CompletableFuture.failedFuture(new IllegalStateException("books: closed"));
        }
        var known = places.get(organization);
        var place = known == null ? places.computeIfAbsent(organization, Place::new) : known;
        var submitted = new Submitted<>(work, new CompletableFuture<R>());
        place.submit(submitted);
        return submitted.answer;
    }

    @Override
    public Set<String> owned() {
        return Set.copyOf(places.keySet());
    }

    /// Takes no more work, as a member that has stopped.
    @Override
    public void close() {
        closed = true;
    }

    /// One organization's book, and the work that waits for it.
    private static final class Place {

        private final SimpleEntry<String, @Nullable Book> entry;
        private final ConcurrentLinkedQueue<Submitted<?>> waiting = new ConcurrentLinkedQueue<>();
        private final AtomicInteger undone = new AtomicInteger();

        Place(String organization) {
            this.entry = new SimpleEntry<>(organization, null);
        }

        void submit(Submitted<?> work) {
            if (undone.compareAndSet(0, 1)) {
                work.doOn(entry);
            } else {
                waiting.add(work);
                if (undone.getAndIncrement() > 0) {
                    return;
                }
                doNext();
            }
            while (undone.decrementAndGet() > 0) {
                doNext();
            }
        }

        /// Work is counted after it is in the queue.
        private void doNext() {
            var next = waiting.poll();
            if (next != null) {
                next.doOn(entry);
            }
        }
    }

    private record Submitted<R>(EntryProcessor<String, Book, R> work, CompletableFuture<R> answer) {

        @SuppressWarnings("NullAway") // An absent book is null, as in the grid's entries.
        void doOn(Map.Entry<String, @Nullable Book> entry) {
            R result;
            try {
                result = work.process(entry);
            } catch (RuntimeException | Error e) {
                answer.completeExceptionally(e);
                return;
            }
            answer.complete(result);
        }
    }
}
