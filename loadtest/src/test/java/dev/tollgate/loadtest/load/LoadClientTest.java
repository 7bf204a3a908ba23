package dev.tollgate.loadtest.load;

import static dev.tollgate.loadtest.provider.Behaviour.answers;
import static dev.tollgate.loadtest.provider.Behaviour.closesMidStream;
import static dev.tollgate.loadtest.provider.Behaviour.replies;
import static dev.tollgate.loadtest.provider.Behaviour.stalls;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.loadtest.provider.SimulatedProvider;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LoadClientTest {

    private static final String BODY =
            "{\"model\":\"gpt-4o\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

    private Vertx vertx;
    private SimulatedProvider provider;
    private LoadClient client;

    @BeforeEach
    void start() {
        vertx = Vertx.vertx();
        provider = SimulatedProvider.start();
        client = new LoadClient(vertx, 8, Duration.ofSeconds(1), System::nanoTime);
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        provider.close();
        vertx.close().await(10, TimeUnit.SECONDS);
    }

    @Test
    void sends_exactly_as_many_as_told_and_times_them_all() throws Exception {
        provider.always(replies("Hello there").paced(Duration.ofMillis(2)));

        var result = run(load().at(8, 101));

        assertThat(result.answered()).isEqualTo(101);
        assertThat(result.answered(200)).isEqualTo(101);
        assertThat(provider.seen()).hasSize(101);
        assertThat(result.latency().getTotalCount()).isEqualTo(101);
        assertThat(result.firstByte().getTotalCount()).isEqualTo(101);
        assertThat(result.firstByte().getMean()).isLessThan(result.latency().getMean());
        assertThat(result.requestsPerSecond()).isPositive();
    }

    @Test
    void begins_none_after_its_time() throws Exception {
        var result = run(load().at(1, 1_000_000).within(Duration.ofMillis(50)));

        assertThat(result.answered()).isPositive().isLessThan(1_000_000);
    }

    @Test
    void counts_answers_by_status_and_broken_ones_apart() throws Exception {
        provider.then(answers(429)).then(answers(503)).then(closesMidStream(1));

        var result = run(load().at(1, 5));

        assertThat(result.statuses()).isEqualTo(Map.of(429, 1L, 503, 1L, 200, 2L));
        assertThat(result.broken()).isEqualTo(1);
    }

    @Test
    void gives_up_on_a_silent_answer() throws Exception {
        provider.then(stalls());

        var result = run(load().at(1, 2));

        assertThat(result.broken()).isEqualTo(1);
        assertThat(result.answered(200)).isEqualTo(1);
    }

    @Test
    void numbers_its_bodies() throws Exception {
        var numbered =
                new Load(
                        load().target(),
                        Map.of("x-kind", "numbered"),
                        n -> Buffer.buffer(BODY.replace("hi", "hi " + n)),
                        2,
                        3,
                        Duration.ofSeconds(5));

        run(numbered);

        assertThat(provider.seen())
                .allMatch(seen -> seen.header("x-kind").equals(Optional.of("numbered")))
                .extracting(seen -> seen.body().toString())
                .containsExactlyInAnyOrder(
                        BODY.replace("hi", "hi 0"),
                        BODY.replace("hi", "hi 1"),
                        BODY.replace("hi", "hi 2"));
    }

    private Load load() {
        return Load.of(URI.create(provider.openAiBaseUrl() + "/chat/completions"), Map.of(), BODY);
    }

    private LoadResult run(Load load) throws Exception {
        return client.run(load).await(20, TimeUnit.SECONDS);
    }
}
