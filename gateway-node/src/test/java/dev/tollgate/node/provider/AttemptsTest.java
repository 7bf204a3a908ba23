package dev.tollgate.node.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tollgate.catalogue.Dialect;
import dev.tollgate.catalogue.Endpoint;
import dev.tollgate.path.Outcome;
import dev.tollgate.path.Reply;
import dev.tollgate.tokens.UsageReport;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AttemptsTest {

    private static final Attempts ATTEMPTS =
            new Attempts(
                    Map.of("sandbox", answering("sandbox")),
                    Map.of(
                            Dialect.OPENAI, answering("openai dialect"),
                            Dialect.ANTHROPIC, answering("anthropic dialect")));

    private static ProviderClient answering(String name) {
        return _ ->
                Future.succeededFuture(
                        new Reply(
                                200,
                                List.of(Map.entry("client", name)),
                                new Reply.Whole(new byte[0]),
                                Future.succeededFuture(
                                        Outcome.unsettled(UsageReport.notReached(0)))));
    }

    @ParameterizedTest
    @CsvSource({
        "sandbox, CHAT_COMPLETIONS, sandbox",
        "sandbox, MESSAGES, sandbox",
        "openai, CHAT_COMPLETIONS, openai dialect",
        "ollama, EMBEDDINGS, openai dialect",
        "vllm, CHAT_COMPLETIONS, openai dialect",
        "anthropic, MESSAGES, anthropic dialect",
        "bedrock-mantle, COUNT_TOKENS, anthropic dialect",
    })
    void picks_the_client_by_type_and_else_by_dialect(
            String type, Endpoint endpoint, String client) {
        var exchange =
                Requests.to(endpoint, "http://127.0.0.1:1/v1", type).with("{\"model\":\"m\"}");

        var reply = Rig.await(ATTEMPTS.proceed(exchange));

        assertThat(reply.headers()).contains(Map.entry("client", client));
    }

    @Test
    void names_the_model_and_the_provider_in_headers_nothing_can_break() {
        var exchange =
                Requests.to(Endpoint.MESSAGES, "http://127.0.0.1:1/v1", "anthropic")
                        .upstreamModel("upstream")
                        .with("{\"model\":\"claude é\nx\"}".replace("\n", "\\n"));

        var reply = Rig.await(ATTEMPTS.proceed(exchange));

        assertThat(reply.headers())
                .contains(
                        Map.entry("x-tollgate-model", "claude??\\nx"),
                        Map.entry("x-tollgate-provider", "the-anthropic"));
        assertThat(Attempts.headerValue("a\r\nb: c")).isEqualTo("a??b:?c");
    }

    @Test
    void needs_a_client_for_each_dialect() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Attempts(Map.of(), Map.of(Dialect.OPENAI, answering("one"))))
                .withMessageContaining("byDialect");
    }
}
