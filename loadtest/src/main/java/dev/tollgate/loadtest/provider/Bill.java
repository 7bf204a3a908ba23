package dev.tollgate.loadtest.provider;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;

/// The provider's bill as it grows. Safe for several threads.
final class Bill {

    private final List<BillLine> lines = new ArrayList<>();
    private final Arrivals added = new Arrivals();

    void add(BillLine line) {
        synchronized (this) {
            lines.add(line);
        }
        added.add();
    }

    synchronized List<BillLine> lines() {
        return List.copyOf(lines);
    }

    synchronized void clear() {
        lines.clear();
        added.reset();
    }

    Future<Void> reaches(int count) {
        return added.reaches(count);
    }
}
