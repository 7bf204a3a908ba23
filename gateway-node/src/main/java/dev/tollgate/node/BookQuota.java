package dev.tollgate.node;

import dev.tollgate.admin.QuotaControl;
import dev.tollgate.budget.Command;
import dev.tollgate.budget.CounterKey;
import dev.tollgate.node.cluster.HazelcastBooks;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// The live counters as reconciliation asks for them. Blocks.
record BookQuota(HazelcastBooks books) implements QuotaControl {

    private static final Duration ANSWER_MAX = Duration.ofSeconds(5);

    @Override
    public Optional<Live> counters(String organization, List<CounterKey> keys) {
        return books.live(organization, keys)
                .map(live ->
                        new Live(
                                live.epoch(),
                                live.bookedThrough(),
                                live.counters().stream()
                                        .map(counter ->
                                                new LiveCounter(
                                                        counter.key(),
                                                        counter.posted(),
                                                        counter.unbooked()))
                                        .toList()));
    }

    @Override
    public boolean reseed(String organization) {
        var answer =
                books.reseed(organization)
                        .toCompletionStage()
                        .toCompletableFuture()
                        .orTimeout(ANSWER_MAX.toMillis(), TimeUnit.MILLISECONDS)
                        .join();
        return answer instanceof Command.Reseeded;
    }
}
