package dev.tollgate.node.provider.anthropic;

import static dev.tollgate.loadtest.provider.Behaviour.failsMidStream;
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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class AnthropicClientTest {

    private static final Rig RIG = new Rig();
    private static final AnthropicClient CLIENT =
            new AnthropicClient(RIG.http(ProviderSettings.DEFAULTS));
    private static final String MESSAGES =
            "{\"model\":\"claude-x\",\"max_tokens\":100,"
                    + "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";

    @AfterAll
    static void close() {
        RIG.close();
    }

    @BeforeEach
    void forget() {
        RIG.provider.forget();
    }

    private static Requests messages() {
        return Requests.to(Endpoint.MESSAGES, RIG.provider.anthropicBaseUrl() + "/v1", "anthropic");
    }

    @Test
    void relays_a_whole_answer_and_reads_its_usage() {
        RIG.provider.then(replies("Good day.").bills(new TokenClasses(10, 30, 4, 5, 8, 3)));

        var reply = RIG.reply(CLIENT, messages().with(MESSAGES + "}"));

        assertThat(Rig.body(reply)).contains("Good day.");
        var report = Rig.outcome(reply).report();
        assertThat(report.completion()).isEqualTo(Completion.COMPLETE);
        assertThat(report.usage()).contains(new Usage(10, 30, 4, 5, 8, 3, 0, 0, 0));
        assertThat(report.serviceTier()).isEqualTo("standard");
        assertThat(report.servedModel()).isEqualTo("claude-x");
        assertThat(report.providerRequestId()).isNotEmpty();
    }

    @Test
    void forwards_open_lists_of_headers_and_fields() {
        var body = MESSAGES + ",\"context_management\":{\"edits\":[]}}";
        RIG.reply(
                CLIENT,
                messages()
                        .header("anthropic-beta", "a-2025-01-01,b-2025-02-02")
                        .header("anthropic-version", "2024-01-01")
                        .header("x-api-key", "callers")
                        .query("beta=true")
                        .with(body));

        var seen = RIG.provider.seen().getFirst();
        assertThat(seen.target()).isEqualTo("/v1/messages?beta=true");
        assertThat(seen.body().toString()).isEqualTo(body);
        assertThat(seen.header("anthropic-beta")).contains("a-2025-01-01,b-2025-02-02");
        assertThat(seen.headers().getAll("anthropic-version")).containsExactly("2024-01-01");
        assertThat(seen.headers().getAll("x-api-key")).containsExactly("provider-secret");
        assertThat(seen.header("authorization")).isEmpty();
    }

    @Test
    void names_a_version_when_the_caller_does_not() {
        RIG.reply(CLIENT, messages().with(MESSAGES + "}"));

        assertThat(RIG.provider.seen().getFirst().header("anthropic-version"))
                .contains("2023-06-01");
    }

    @Test
    void clamps_max_tokens_in_place() {
        RIG.reply(CLIENT, messages().granted(7).upstreamModel("claude-y").with(MESSAGES + "}"));

        assertThat(RIG.provider.seen().getFirst().body().toString())
                .isEqualTo(MESSAGES.replace("100", "7").replace("claude-x", "claude-y") + "}");
    }

    @Test
    void keeps_what_is_about_our_account_from_the_caller() {
        var reply = RIG.reply(CLIENT, messages().with(MESSAGES + "}"));

        assertThat(reply.headers().stream().map(Map.Entry::getKey))
                .contains("content-type")
                .noneMatch(name -> name.startsWith("anthropic-ratelimit-"))
                .doesNotContain("anthropic-organization-id", "request-id");
    }

    @Test
    void relays_a_stream_byte_for_byte() {
        RIG.provider.then(
                streams(List.of("Good ", "day."), Duration.ZERO)
                        .bills(new TokenClasses(10, 30, 4, 5, 8, 3)));

        var received = RIG.stream(CLIENT, messages().with(MESSAGES + ",\"stream\":true}"));

        assertThat(received.problem()).isEmpty();
        assertThat(received.text())
                .startsWith("event: message_start\n")
                .contains("event: ping\n")
                .contains("\"text\":\"Good \"")
                .endsWith("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
        var report = received.report();
        assertThat(report.completion()).isEqualTo(Completion.COMPLETE);
        assertThat(report.usage()).contains(new Usage(10, 30, 4, 5, 8, 3, 0, 0, 0));
        assertThat(report.deliveredText()).isEqualTo("Good day.");
    }

    @Test
    void passes_the_providers_own_error_on_and_ends() {
        RIG.provider.then(failsMidStream(3));

        var received = RIG.stream(CLIENT, messages().with(MESSAGES + ",\"stream\":true}"));

        assertThat(received.problem()).isEmpty();
        assertThat(received.text()).contains("event: error\n").endsWith("\n\n");
        var report = received.report();
        assertThat(report.completion()).isEqualTo(Completion.UPSTREAM_FAILED);
        assertThat(report.usage()).isEmpty();
        assertThat(report.inputKnown()).isPresent();
        assertThat(report.deliveredText()).isNotEmpty();
    }

    @Test
    void counts_tokens_at_no_cost() {
        var reply =
                RIG.reply(
                        CLIENT,
                        Requests.to(
                                        Endpoint.COUNT_TOKENS,
                                        RIG.provider.anthropicBaseUrl() + "/v1",
                                        "anthropic")
                                .with(MESSAGES + "}"));

        assertThat(RIG.provider.seen().getFirst().path()).isEqualTo("/v1/messages/count_tokens");
        assertThat(Rig.body(reply)).contains("input_tokens");
        assertThat(Rig.outcome(reply).report().usage()).contains(Usage.NONE);
    }
}
