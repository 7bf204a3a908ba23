package dev.tollgate.node.provider;

import static dev.tollgate.loadtest.provider.Behaviour.closesMidStream;
import static dev.tollgate.loadtest.provider.Behaviour.failsMidStream;
import static dev.tollgate.loadtest.provider.Behaviour.replies;
import static dev.tollgate.loadtest.provider.Behaviour.streams;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.catalogue.Dialect;
import dev.tollgate.catalogue.Endpoint;
import dev.tollgate.node.provider.anthropic.AnthropicClient;
import dev.tollgate.node.provider.openai.OpenAiClient;
import dev.tollgate.node.stream.RelayStream;
import dev.tollgate.path.Allowance;
import dev.tollgate.path.Exchange;
import dev.tollgate.path.Reply;
import dev.tollgate.tokens.Completion;
import dev.tollgate.tokens.Usage;
import dev.tollgate.tokens.UsageReport;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Streams of which not everything is held at once. Each chunk is a word, and a token.
class OutputGateTest {

    private static final Rig RIG = new Rig();
    private static final UpstreamHttp HTTP = RIG.http(ProviderSettings.DEFAULTS);
    private static final ProviderClient OPENAI = new OpenAiClient(HTTP, Set.of());
    private static final ProviderClient ANTHROPIC = new AnthropicClient(HTTP);
    private static final List<String> WORDS = Collections.nCopies(40, "word ");

    @AfterAll
    static void stop() {
        RIG.close();
    }

    /// So many words are held, and more when told.
    private static final class Words implements Allowance {
        private final List<Promise<Boolean>> asked = new ArrayList<>();
        private volatile long held;

        Words(long held) {
            this.held = held;
        }

        @Override
        public long count(String piece) {
            return piece.chars().filter(each -> each == ' ').count();
        }

        @Override
        public boolean covers(long counted) {
            return counted <= held;
        }

        @Override
        public synchronized Future<Boolean> more(long counted) {
            var answer = Promise.<Boolean>promise();
            asked.add(answer);
            notifyAll();
            return answer.future();
        }

        /// Waits until it is asked, so often before, and answers on the event loop.
        synchronized void answer(int before, long newHeld) throws InterruptedException {
            while (asked.size() <= before) {
                wait(20_000);
            }
            var answer = asked.get(before);
            RIG.vertx.runOnContext(_ -> {
                var more = newHeld > held;
                held = newHeld;
                answer.complete(more);
            });
        }

        @Override
        public Future<Usage> settlement(UsageReport report) {
            return Future.succeededFuture(
                    report.usage().orElse(Usage.of(5, count(report.deliveredText()))));
        }
    }

    private static ProviderClient client(Dialect dialect) {
        return dialect == Dialect.OPENAI ? OPENAI : ANTHROPIC;
    }

    private static Exchange exchange(Dialect dialect, boolean stream, Allowance allowance) {
        var requests =
                dialect == Dialect.OPENAI
                        ? Requests.to(
                                Endpoint.CHAT_COMPLETIONS, RIG.provider.openAiBaseUrl(), "openai")
                        : Requests.to(Endpoint.MESSAGES, RIG.provider.openAiBaseUrl(), "anthropic");
        return requests.with(
                        "{\"model\":\"m\",\"max_tokens\":1000,\"stream\":"
                                + stream
                                + ",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}")
                .allowed(allowance);
    }

    private static long words(String text) {
        return text.split("word ", -1).length - 1L;
    }

    @ParameterizedTest
    @EnumSource
    void relays_what_is_held_and_waits_for_the_rest(Dialect dialect) throws Exception {
        RIG.provider.always(streams(WORDS, Duration.ofMillis(1)));
        var words = new Words(10);
        var reply = RIG.reply(client(dialect), exchange(dialect, true, words));
        var seen = new ArrayList<Long>();
        var answering =
                Thread.startVirtualThread(() -> {
                    try {
                        words.answer(0, 25);
                        words.answer(1, 1_000);
                    } catch (InterruptedException _) {
                        Thread.currentThread().interrupt();
                    }
                });

        var received =
                RIG.read(
                        reply,
                        RelayStream::resume,
                        all -> {
                            var held = words.held;
                            seen.add(words(all.toString()) - held);
                            return _ -> {};
                        });

        answering.join();
        assertThat(words(received.text())).isEqualTo(40);
        assertThat(seen).allMatch(ahead -> ahead <= 0);
        assertThat(received.report().completion()).isEqualTo(Completion.COMPLETE);
        assertThat(received.report().usage()).isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void ends_before_the_first_event_that_is_not_held(Dialect dialect) throws Exception {
        RIG.provider.always(streams(WORDS, Duration.ofMillis(5)));
        var words = new Words(10);
        var reply = RIG.reply(client(dialect), exchange(dialect, true, words));
        Thread.startVirtualThread(() -> refuse(words));

        var received = RIG.readToTheEnd(reply);

        assertThat(words(received.text())).isEqualTo(10);
        assertThat(received.problem()).isEmpty();
        assertThat(received.report().completion()).isEqualTo(Completion.CUT);
        assertThat(received.report().usage()).isEmpty();
        if (dialect == Dialect.OPENAI) {
            assertThat(received.text())
                    .endsWith("data: [DONE]\n\n")
                    .contains("\"finish_reason\":\"length\"")
                    .doesNotContain("usage");
        } else {
            assertThat(received.text())
                    .contains("event: content_block_stop")
                    .contains("\"stop_reason\":\"max_tokens\"")
                    .endsWith("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
        }
    }

    @ParameterizedTest
    @EnumSource
    void puts_a_whole_answer_together_of_what_is_held(Dialect dialect) {
        RIG.provider.always(streams(WORDS, Duration.ofMillis(5)));
        var words = new Words(10);
        Thread.startVirtualThread(() -> refuse(words));

        var reply = RIG.reply(client(dialect), exchange(dialect, false, words));

        var json = new JsonObject(Rig.body(reply));
        assertThat(words(json.encode())).isEqualTo(10);
        assertThat(json.encode()).containsAnyOf("\"length\"", "\"max_tokens\"");
        assertThat(reply.headers())
                .filteredOn(header -> header.getKey().equals("content-type"))
                .extracting(Map.Entry::getValue)
                .containsExactly("application/json");
        assertThat(Rig.outcome(reply).report().completion()).isEqualTo(Completion.CUT);
    }

    @ParameterizedTest
    @EnumSource
    void a_provider_that_breaks_off_is_an_error_of_a_whole_answer(Dialect dialect) {
        RIG.provider.always(closesMidStream(3));

        var refusal = RIG.refusal(client(dialect), exchange(dialect, false, new Words(1_000_000)));

        assertThat(refusal.attempt().orElseThrow().completion())
                .isEqualTo(Completion.UPSTREAM_FAILED);
        assertThat(refusal.attempt().orElseThrow().deliveredText()).isNotEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void an_error_in_the_stream_is_an_error_of_a_whole_answer(Dialect dialect) {
        RIG.provider.always(failsMidStream(3));

        var refusal = RIG.refusal(client(dialect), exchange(dialect, false, new Words(1_000_000)));

        assertThat(refusal.attempt().orElseThrow().completion())
                .isEqualTo(Completion.UPSTREAM_FAILED);
    }

    @Test
    void a_caller_who_leaves_ends_a_whole_answer() {
        RIG.provider.always(streams(WORDS, Duration.ofMillis(20)));
        var left = Promise.<Void>promise();
        var requests =
                Requests.to(Endpoint.CHAT_COMPLETIONS, RIG.provider.openAiBaseUrl(), "openai")
                        .left(left.future());
        var exchange = requests.with("{\"model\":\"m\",\"messages\":[]}").allowed(new Words(1_000));
        var reply = RIG.send(OPENAI, exchange);
        RIG.vertx.setTimer(200, _ -> left.complete());

        var ended = Rig.await(reply);

        assertThat(ended.status()).isEqualTo(499);
        assertThat(ended.body()).isInstanceOf(Reply.Whole.class);
        assertThat(Rig.outcome(ended).report().completion()).isEqualTo(Completion.CLIENT_LEFT);
    }

    @ParameterizedTest
    @EnumSource
    void all_at_once_is_reported_as_it_is_billed(Dialect dialect) {
        RIG.provider.always(replies("word ".repeat(40)));
        var words = new Words(10);
        var reply = RIG.reply(client(dialect), exchange(dialect, true, words));
        Thread.startVirtualThread(() -> refuse(words));

        var received = RIG.readToTheEnd(reply);

        assertThat(words(received.text())).isLessThanOrEqualTo(10);
        assertThat(received.report().completion()).isEqualTo(Completion.CUT);
        assertThat(received.report().usage().orElseThrow().output()).isGreaterThan(10);
    }

    private static void refuse(Words words) {
        try {
            words.answer(0, words.held);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
