package dev.tollgate.node;

import java.io.Serializable;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;

/// A class that is on the class path and no member has to read.
public final class ForeignTask implements Callable<String>, Serializable {

    private static final long serialVersionUID = 1L;

    public static final AtomicInteger READ = new AtomicInteger();
    public static final AtomicInteger RUN = new AtomicInteger();

    private void readObject(java.io.ObjectInputStream in)
            throws java.io.IOException, ClassNotFoundException {
        in.defaultReadObject();
        READ.incrementAndGet();
    }

    @Override
    public String call() {
        RUN.incrementAndGet();
        return "run";
    }
}
