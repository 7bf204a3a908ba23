package dev.tollgate.loadtest.overhead;

import java.net.URI;
import java.util.Map;

/// No process in between.
record Direct(URI chat) implements Target {

    @Override
    public String name() {
        return "direct";
    }

    @Override
    public Map<String, String> headers() {
        return Map.of();
    }

    @Override
    public ProcessStats stats() {
        return ProcessStats.NONE;
    }

    @Override
    public void close() {}
}
