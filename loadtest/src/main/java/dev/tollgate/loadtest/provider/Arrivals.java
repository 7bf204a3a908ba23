package dev.tollgate.loadtest.provider;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;

/// A count that others can wait for. Safe for several threads.
final class Arrivals {

    private record Waiter(int count, Promise<Void> reached) {}

    private final List<Waiter> waiters = new ArrayList<>();
    private int count;

    void add() {
        List<Waiter> reached;
        synchronized (this) {
            count++;
            reached = waiters.stream().filter(waiter -> waiter.count() <= count).toList();
            waiters.removeAll(reached);
        }
        reached.forEach(waiter -> waiter.reached().tryComplete());
    }

    synchronized Future<Void> reaches(int wanted) {
        if (count >= wanted) {
            return Future.succeededFuture();
        }
        var promise = Promise.<Void>promise();
        waiters.add(new Waiter(wanted, promise));
        return promise.future();
    }

    synchronized void reset() {
        count = 0;
    }
}
