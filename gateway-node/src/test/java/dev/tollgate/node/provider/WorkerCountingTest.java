package dev.tollgate.node.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.problem.Problem.QuotaUnavailable;
import dev.tollgate.problem.Refusal;
import dev.tollgate.tokens.TokenCounter;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

final class WorkerCountingTest {

    private static final Vertx VERTX = Vertx.vertx();

    @AfterAll
    static void close() {
        Rig.await(VERTX.close());
    }

    @Test
    void completes_on_the_context_that_asked() {
        try (var counting = new WorkerCounting(VERTX, new TokenCounter(), 1, 16)) {
            var context = VERTX.getOrCreateContext();
            var sameContext = Promise.<Boolean>promise();

            context.runOnContext(_ ->
                    counting.count("o200k_base", "hello world".getBytes(StandardCharsets.UTF_8))
                            .onSuccess(tokens ->
                                    sameContext.complete(
                                            tokens == 2
                                                    && context.equals(Vertx.currentContext()))));

            assertThat(Rig.await(sameContext.future())).isTrue();
        }
    }

    @Test
    void refuses_what_finds_no_place_to_wait() {
        try (var counting = new WorkerCounting(VERTX, new TokenCounter(), 1, 2)) {
            var large = "a b ".repeat(500_000).getBytes(StandardCharsets.UTF_8);
            var counts = new ArrayList<Future<Long>>();
            for (var each = 0; each < 8; each++) {
                counts.add(counting.count("o200k_base", large));
            }

            Rig.await(Future.join(counts).otherwiseEmpty());

            assertThat(counts).anyMatch(Future::succeeded);
            assertThat(counts)
                    .filteredOn(Future::failed)
                    .isNotEmpty()
                    .allSatisfy(refused ->
                            assertThat(((Refusal) refused.cause()).problem())
                                    .isInstanceOf(QuotaUnavailable.class));
        }
    }
}
