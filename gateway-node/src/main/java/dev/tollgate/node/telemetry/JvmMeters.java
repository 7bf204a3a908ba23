package dev.tollgate.node.telemetry;

import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.lang.management.ManagementFactory;

/// The process itself: heap, threads, garbage collection, CPU. Read at the scrape only.
///
/// Names follow Prometheus' own JVM instrumentation, so that ready-made dashboards fit.
final class JvmMeters {

    private static final double NANOS_PER_SECOND = 1e9;
    private static final double MILLIS_PER_SECOND = 1e3;

    private JvmMeters() {}

    static void register(PrometheusRegistry registry) {
        memory(registry);
        threads(registry);
        garbageCollection(registry);
        processorTime(registry);
    }

    private static void memory(PrometheusRegistry registry) {
        var memory = ManagementFactory.getMemoryMXBean();
        GaugeWithCallback.builder()
                .name("jvm_memory_used_bytes")
                .help("Memory in use.")
                .labelNames("area")
                .callback(callback -> {
                    callback.call((double) memory.getHeapMemoryUsage().getUsed(), "heap");
                    callback.call((double) memory.getNonHeapMemoryUsage().getUsed(), "nonheap");
                })
                .register(registry);
        GaugeWithCallback.builder()
                .name("jvm_memory_max_bytes")
                .help("The most heap there can be.")
                .labelNames("area")
                .callback(callback ->
                        callback.call((double) memory.getHeapMemoryUsage().getMax(), "heap"))
                .register(registry);
    }

    private static void threads(PrometheusRegistry registry) {
        var threads = ManagementFactory.getThreadMXBean();
        GaugeWithCallback.builder()
                .name("jvm_threads_current")
                .help("Platform threads alive.")
                .callback(callback -> callback.call(threads.getThreadCount()))
                .register(registry);
    }

    private static void garbageCollection(PrometheusRegistry registry) {
        var collectors = ManagementFactory.getGarbageCollectorMXBeans();
        CounterWithCallback.builder()
                .name("jvm_gc_collections_total")
                .help("Garbage collections.")
                .labelNames("gc")
                .callback(callback ->
                        collectors.forEach(gc ->
                                callback.call(
                                        (double) Math.max(0, gc.getCollectionCount()),
                                        gc.getName())))
                .register(registry);
        CounterWithCallback.builder()
                .name("jvm_gc_collection_seconds_total")
                .help("Time spent in garbage collections.")
                .labelNames("gc")
                .callback(callback ->
                        collectors.forEach(gc ->
                                callback.call(
                                        Math.max(0, gc.getCollectionTime()) / MILLIS_PER_SECOND,
                                        gc.getName())))
                .register(registry);
    }

    private static void processorTime(PrometheusRegistry registry) {
        if (ManagementFactory.getOperatingSystemMXBean()
                instanceof com.sun.management.OperatingSystemMXBean system) {
            CounterWithCallback.builder()
                    .name("process_cpu_seconds_total")
                    .help("CPU time of the process.")
                    .callback(callback ->
                            callback.call(
                                    Math.max(0, system.getProcessCpuTime()) / NANOS_PER_SECOND))
                    .register(registry);
        }
    }
}
