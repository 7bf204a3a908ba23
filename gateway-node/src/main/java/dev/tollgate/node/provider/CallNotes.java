package dev.tollgate.node.provider;

import dev.tollgate.tokens.Completion;
import dev.tollgate.tokens.Usage;
import dev.tollgate.tokens.UsageReport;
import java.util.Optional;
import java.util.function.LongSupplier;

/// What is noted of a call as it goes on, and the report made of it at its end.
final class CallNotes {

    private static final int REQUEST_ID_CHARACTERS_MAX = 256;

    private final LongSupplier nanoTime;
    private final long startedNanos;
    private long firstByteNanos;
    private boolean dispatched;
    private int status;
    private String requestId = "";

    CallNotes(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.startedNanos = nanoTime.getAsLong();
    }

    void dispatched() {
        dispatched = true;
    }

    void head(int status, String requestId) {
        this.status = status;
        this.requestId =
                requestId.substring(0, Math.min(requestId.length(), REQUEST_ID_CHARACTERS_MAX));
    }

    void bytes() {
        if (firstByteNanos == 0) {
            firstByteNanos = sinceStart();
        }
    }

    /// A call the provider refused: it bills nothing for those.
    UsageReport refused() {
        return report(
                Completion.UPSTREAM_ERROR,
                new StreamFacts(UsageReading.of(Usage.NONE), Optional.empty(), "", "", "", false));
    }

    UsageReport report(Completion completion, StreamFacts facts) {
        return new UsageReport(
                completion,
                dispatched ? facts.usage().usage() : Optional.of(Usage.NONE),
                facts.inputKnown(),
                dispatched,
                status,
                facts.text(),
                facts.servedModel(),
                facts.serviceTier(),
                requestId,
                firstByteNanos,
                sinceStart(),
                facts.usage().anomaly());
    }

    private long sinceStart() {
        return nanoTime.getAsLong() - startedNanos;
    }
}
