package dev.tollgate.node.provider.openai;

import static dev.tollgate.loadtest.provider.Behaviour.replies;
import static dev.tollgate.loadtest.provider.Behaviour.streams;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.catalogue.Endpoint;
import dev.tollgate.loadtest.provider.TokenClasses;
import dev.tollgate.node.provider.ProviderSettings;
import dev.tollgate.node.provider.Requests;
import dev.tollgate.node.provider.Rig;
import dev.tollgate.tokens.Completion;
import dev.tollgate.tokens.Usage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class OpenAiClientTest {

    private static final Rig RIG = new Rig();
    private static final OpenAiClient CLIENT =
            new OpenAiClient(RIG.http(ProviderSettings.DEFAULTS), Set.of("old"));
    private static final String CHAT =
            "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";

    @AfterAll
    static void close() {
        RIG.close();
    }

    @BeforeEach
    void forget() {
        RIG.provider.forget();
    }

    private static Requests chat() {
        return Requests.to(Endpoint.CHAT_COMPLETIONS, RIG.provider.openAiBaseUrl(), "openai");
    }

    @Test
    void relays_a_whole_answer_and_reads_its_usage() {
        RIG.provider.then(
                replies("Good day.")
                        .bills(new TokenClasses(10, 30, 0, 0, 8, 3))
                        .servedBy("gpt-4o-x"));

        var reply = RIG.reply(CLIENT, chat().with(CHAT + "}"));

        assertThat(reply.status()).isEqualTo(200);
        assertThat(Rig.body(reply)).contains("Good day.").contains("\"usage\"");
        var report = Rig.outcome(reply).report();
        assertThat(report.completion()).isEqualTo(Completion.COMPLETE);
        assertThat(report.usage()).contains(new Usage(10, 30, 0, 0, 8, 3, 0, 0, 0));
        assertThat(report.servedModel()).isEqualTo("gpt-4o-x");
        assertThat(report.providerRequestId()).isNotEmpty();
        assertThat(report.firstByteNanos()).isBetween(1L, report.durationNanos());
    }

    @Test
    void sends_the_callers_body_and_headers_with_our_own() {
        RIG.reply(
                CLIENT,
                chat().header("openai-beta", "assistants=v2")
                        .header("authorization", "Bearer callers")
                        .header("cookie", "c=1")
                        .query("api-version=1")
                        .tracedBy("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
                        .with(CHAT + "}"));

        var seen = RIG.provider.seen().getFirst();
        assertThat(seen.target()).isEqualTo("/v1/chat/completions?api-version=1");
        assertThat(seen.body().toString()).isEqualTo(CHAT + "}");
        assertThat(seen.header("authorization")).contains("Bearer provider-secret");
        assertThat(seen.header("content-type")).contains("application/json");
        assertThat(seen.header("accept-encoding")).contains("identity");
        assertThat(seen.header("x-request-id")).contains(Requests.ID.toString());
        assertThat(seen.header("traceparent"))
                .contains("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        assertThat(seen.header("openai-beta")).contains("assistants=v2");
        assertThat(seen.header("cookie")).isEmpty();
        assertThat(seen.headers().getAll("authorization")).hasSize(1);
        assertThat(seen.header("content-length")).contains(Integer.toString(CHAT.length() + 1));
    }

    @Test
    void splices_model_and_clamp_into_the_body() {
        RIG.reply(CLIENT, chat().upstreamModel("gpt-4o-2024").granted(77).with(CHAT + "}"));
        RIG.reply(CLIENT, chat().granted(77).with(CHAT + ",\"max_tokens\":500}"));
        RIG.reply(
                CLIENT,
                Requests.to(Endpoint.CHAT_COMPLETIONS, RIG.provider.openAiBaseUrl(), "ollama")
                        .granted(77)
                        .with(CHAT + "}"));

        var bodies = RIG.provider.seen().stream().map(seen -> seen.body().toString()).toList();
        assertThat(bodies.get(0))
                .contains("\"gpt-4o-2024\"")
                .contains("\"max_completion_tokens\":77");
        assertThat(bodies.get(1))
                .contains("\"max_tokens\":77")
                .doesNotContain("max_completion_tokens");
        assertThat(bodies.get(2)).contains("\"max_tokens\":77");
    }

    @Test
    void keeps_what_is_about_our_account_from_the_caller() {
        var reply = RIG.reply(CLIENT, chat().with(CHAT + "}"));

        assertThat(reply.headers().stream().map(Map.Entry::getKey))
                .contains("content-type", "openai-processing-ms", "openai-version")
                .noneMatch(name -> name.startsWith("x-ratelimit-"))
                .doesNotContain("openai-organization", "x-request-id", "set-cookie");
    }

    @Test
    void hides_the_usage_the_caller_did_not_ask_for() {
        RIG.provider.then(
                streams(List.of("Good ", "day."), Duration.ZERO)
                        .bills(new TokenClasses(10, 0, 0, 0, 5, 0)));

        var received = RIG.stream(CLIENT, chat().with(CHAT + ",\"stream\":true}"));

        assertThat(RIG.provider.seen().getFirst().body().toString())
                .contains("\"stream_options\":{\"include_usage\":true}");
        assertThat(received.problem()).isEmpty();
        assertThat(received.text())
                .contains("Good ")
                .contains("day.")
                .endsWith("data: [DONE]\n\n")
                .doesNotContain("usage")
                .doesNotContain("\"choices\":[]");
        assertThat(received.report().usage()).contains(Usage.of(10, 5));
        assertThat(received.report().completion()).isEqualTo(Completion.COMPLETE);
        assertThat(received.report().deliveredText()).isEqualTo("Good day.");
    }

    @Test
    void leaves_the_stream_alone_when_the_caller_asked_for_usage() {
        RIG.provider.then(streams(List.of("Good ", "day."), Duration.ZERO));
        var body = CHAT + ",\"stream\":true,\"stream_options\":{\"include_usage\":true}}";

        var received = RIG.stream(CLIENT, chat().with(body));

        assertThat(RIG.provider.seen().getFirst().body().toString()).isEqualTo(body);
        assertThat(received.text())
                .contains("\"usage\":null")
                .contains("\"choices\":[]")
                .endsWith("data: [DONE]\n\n");
        assertThat(received.report().usage()).isPresent();
    }

    @Test
    void does_not_ask_servers_for_usage_that_reject_the_question() {
        RIG.provider.then(streams(List.of("Good ", "day."), Duration.ZERO));
        var body = CHAT + ",\"stream\":true}";

        var received =
                RIG.stream(
                        CLIENT,
                        Requests.to(Endpoint.CHAT_COMPLETIONS, RIG.provider.openAiBaseUrl(), "old")
                                .with(body));

        assertThat(RIG.provider.seen().getFirst().body().toString()).isEqualTo(body);
        assertThat(received.report().usage()).isEmpty();
        assertThat(received.report().anomaly()).isEqualTo("usage: absent");
        assertThat(received.report().deliveredText()).isEqualTo("Good day.");
    }

    @Test
    void reads_the_usage_of_embeddings() {
        var reply =
                RIG.reply(
                        CLIENT,
                        Requests.to(Endpoint.EMBEDDINGS, RIG.provider.openAiBaseUrl(), "openai")
                                .with("{\"model\":\"text-embedding-3-small\",\"input\":\"Hi\"}"));

        var usage = Rig.outcome(reply).report().usage().orElseThrow();
        assertThat(usage.uncachedInput()).isPositive();
        assertThat(usage.output()).isZero();
    }
}
