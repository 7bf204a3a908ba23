package dev.tollgate.node.telemetry;

import ch.qos.logback.classic.LoggerContext;
import org.slf4j.LoggerFactory;

/// The end of logging: lines are written by a thread of their own, which may be behind.
public final class Logs {

    private Logs() {}

    /// Writes what is waiting, for 1 s at most, and stops. The last thing a process does.
    public static void stop() {
        if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
            context.stop();
        }
    }
}
