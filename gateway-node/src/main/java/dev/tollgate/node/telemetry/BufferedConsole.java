package dev.tollgate.node.telemetry;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.io.BufferedOutputStream;
import java.io.OutputStream;

/// A console that is written to in large pieces. `System.out` makes each line a call of the kernel.
///
/// Who hands it lines flushes it, see [LingeringAppender].
public final class BufferedConsole extends ConsoleAppender<ILoggingEvent> {

    private static final int BUFFER_BYTES = 32 * 1024;

    public BufferedConsole() {
        setImmediateFlush(false);
    }

    @Override
    public void setOutputStream(OutputStream console) {
        super.setOutputStream(new BufferedOutputStream(console, BUFFER_BYTES));
    }
}
