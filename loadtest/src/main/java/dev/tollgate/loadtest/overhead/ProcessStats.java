package dev.tollgate.loadtest.overhead;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// CPU time and peak memory of processes, from `/proc` (Linux only).
///
/// @param cpuMicros user and system time, in steps of ten milliseconds
/// @param peakKib the most memory ever resident (`VmHWM`), summed over the processes
record ProcessStats(long cpuMicros, long peakKib) {

    // USER_HZ, which Linux fixes at 100 for user space on all architectures we run on.
    private static final long MICROS_PER_TICK = 10_000;
    private static final int USER_TIME = 11;
    private static final int SYSTEM_TIME = 12;

    static final ProcessStats NONE = new ProcessStats(0, 0);

    /// One process alone, without its children.
    static ProcessStats of(long pid) {
        return sum(List.of(pid));
    }

    /// A process and everything below it.
    static ProcessStats ofTree(ProcessHandle root) {
        return sum(
                Stream.concat(Stream.of(root), root.descendants())
                        .map(ProcessHandle::pid)
                        .toList());
    }

    private static ProcessStats sum(List<Long> pids) {
        var cpu = 0L;
        var peak = 0L;
        for (var pid : pids) {
            cpu += cpuMicros(read(pid, "stat"));
            peak += peakKib(read(pid, "status"));
        }
        return new ProcessStats(cpu, peak);
    }

    /// @param stat the line of `/proc/<pid>/stat`; the name in it may hold spaces and parentheses
    static long cpuMicros(String stat) {
        var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return (Long.parseLong(fields[USER_TIME]) + Long.parseLong(fields[SYSTEM_TIME]))
                * MICROS_PER_TICK;
    }

    static long peakKib(String status) {
        return status.lines()
                .filter(line -> line.startsWith("VmHWM:"))
                .map(line -> line.replaceAll("\\D", ""))
                .mapToLong(Long::parseLong)
                .sum();
    }

    private static String read(long pid, String file) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
