package dev.tollgate.admin.http;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A call that has not been answered yet. It is answered once: by its work, or by who gives it up.
final class Pending {

    private final Consumer<Answer> send;
    private final AtomicBoolean answered = new AtomicBoolean();

    // Guarded by this.
    private @Nullable Thread worker;

    Pending(Consumer<Answer> send) {
        this.send = send;
    }

    /// Does the work on this thread, which may be interrupted until it returns.
    void run(Supplier<Answer> work) {
        enter();
        Answer answer;
        try {
            answer = work.get();
        } finally {
            leave();
        }
        answer(answer);
    }

    /// Answers in its stead, and interrupts the work: a virtual thread that waits at a socket wakes
    /// and the connection is closed.
    void giveUp(Answer answer) {
        if (answer(answer)) {
            interrupt();
        }
    }

    boolean answered() {
        return answered.get();
    }

    private boolean answer(Answer answer) {
        var first = answered.compareAndSet(false, true);
        if (first) {
            send.accept(answer);
        }
        return first;
    }

    private synchronized void enter() {
        worker = Thread.currentThread();
    }

    private synchronized void leave() {
        worker = null;
    }

    private synchronized void interrupt() {
        if (worker != null) {
            worker.interrupt();
        }
    }
}
