package dev.tollgate.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.hazelcast.map.EntryProcessor;
import dev.tollgate.budget.Book;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class OwnShelfTest {

    private final OwnShelf shelf = new OwnShelf();

    @Test
    void a_book_that_was_made_is_there_for_the_next_and_for_nobody_else() {
        var book = new Book();

        assertThat(kept("a")).isEmpty();
        assertThat(shelf.submit("a", entry -> entry.setValue(book))).isCompleted();

        assertThat(kept("a")).containsSame(book);
        assertThat(kept("b")).isEmpty();
        assertThat(shelf.owned()).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void what_fails_tells_its_caller_and_holds_up_nobody() {
        var failed =
                shelf.submit(
                                "a",
                                _ -> {
                                    throw new IllegalStateException("no");
                                })
                        .toCompletableFuture();

        assertThat(failed).isCompletedExceptionally();
        assertThat(kept("a")).isEmpty();
    }

    @Test
    void work_that_comes_meanwhile_is_done_afterwards_by_the_one_who_was_first() throws Exception {
        var begun = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var worker = new AtomicReference<Thread>();
        var first =
                Thread.ofPlatform()
                        .start(() ->
                                shelf.submit(
                                        "a",
                                        _ -> {
                                            begun.countDown();
                                            return awaited(goOn);
                                        }));
        begun.await();

        var second = shelf.submit("a", _ -> doneBy(worker)).toCompletableFuture();
        assertThat(second).isNotDone();
        assertThat(kept("b")).isEmpty();
        goOn.countDown();

        assertThat(second.get(10, TimeUnit.SECONDS)).isTrue();
        assertThat(worker).hasValue(first);
        first.join();
    }

    @Test
    void of_many_at_once_each_is_done_once_alone_and_in_its_callers_order() throws Exception {
        var inside = new AtomicInteger();
        var done = new ArrayList<Integer>();
        var all = new ArrayList<Thread>();
        for (var caller = 0; caller < 8; caller++) {
            var from = caller * 1000;
            all.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                for (var i = 0; i < 1000; i++) {
                                    var number = from + i;
                                    var _ = shelf.submit("a", _ -> alone(inside, done, number));
                                }
                            }));
        }
        for (var thread : all) {
            thread.join();
        }

        List<Integer> seen = List.copyOf(done);
        assertThat(seen).hasSize(8000).doesNotHaveDuplicates();
        for (var caller = 0; caller < 8; caller++) {
            var from = caller * 1000;
            assertThat(seen.stream().filter(number -> number / 1000 * 1000 == from)).isSorted();
        }
    }

    @Test
    void nothing_is_taken_after_the_end() {
        shelf.close();

        assertThat(shelf.submit("a", _ -> 1).toCompletableFuture()).isCompletedExceptionally();
    }

    /// At once: nobody else is at work.
    private Optional<Book> kept(String organization) {
        EntryProcessor<String, Book, Optional<Book>> look =
                entry -> Optional.ofNullable(entry.getValue());
        var answer = shelf.submit(organization, look).toCompletableFuture();
        assertThat(answer).isDone();
        return answer.join();
    }

    private static boolean alone(AtomicInteger inside, List<Integer> done, int number) {
        assertThat(inside.incrementAndGet()).isEqualTo(1);
        done.add(number);
        inside.decrementAndGet();
        return true;
    }

    private static boolean awaited(CountDownLatch latch) {
        try {
            return latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean doneBy(AtomicReference<Thread> worker) {
        worker.set(Thread.currentThread());
        return true;
    }
}
