package dev.tollgate.loadtest.overhead;

import java.net.URI;
import java.util.Map;

/// A way to reach the provider.
interface Target extends AutoCloseable {

    String name();

    URI chat();

    /// What the target wants besides the body.
    Map<String, String> headers();

    /// Of the process in between.
    ProcessStats stats();

    @Override
    void close();
}
