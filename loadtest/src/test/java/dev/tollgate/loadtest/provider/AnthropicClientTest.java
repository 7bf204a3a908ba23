package dev.tollgate.loadtest.provider;

import static dev.tollgate.loadtest.provider.Behaviour.answers;
import static dev.tollgate.loadtest.provider.Behaviour.failsMidStream;
import static dev.tollgate.loadtest.provider.Behaviour.replies;
import static dev.tollgate.loadtest.provider.Behaviour.usesTool;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.errors.AnthropicException;
import com.anthropic.errors.RateLimitException;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.messages.MessageCountTokensParams;
import com.anthropic.models.messages.MessageCreateParams;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The Anthropic dialect as the official Java client takes it.
class AnthropicClientTest {

    private SimulatedProvider provider;
    private AnthropicClient client;

    @BeforeEach
    void start() {
        provider = SimulatedProvider.start();
        client =
                AnthropicOkHttpClient.builder()
                        .baseUrl(provider.anthropicBaseUrl())
                        .apiKey("any")
                        .responseValidation(true)
                        .build();
    }

    @AfterEach
    void stop() {
        client.close();
        provider.close();
    }

    private static MessageCreateParams params() {
        return MessageCreateParams.builder()
                .model("claude-haiku-4-5")
                .maxTokens(200)
                .addUserMessage("Hello?")
                .build();
    }

    @Test
    void reads_whole_answers_and_their_usage() {
        provider.always(replies("Hello, you.").cached(0.25, 0.25, 0.25).reasons(2));

        var answer = client.messages().create(params());

        assertThat(answer.content().getFirst().asText().text()).isEqualTo("Hello, you.");
        var tokens = provider.bill().getFirst().tokens();
        assertThat(answer.usage().inputTokens()).isEqualTo(tokens.uncachedInput());
        assertThat(answer.usage().cacheCreation().orElseThrow().ephemeral1hInputTokens())
                .isEqualTo(tokens.cacheWrite1h());
        assertThat(answer.usage().outputTokensDetails().orElseThrow().thinkingTokens())
                .isEqualTo(2);
    }

    @Test
    void reads_streams_to_their_end() {
        provider.always(replies("Hello, you, at the other end."));
        var accumulator = MessageAccumulator.create();

        try (var stream = client.messages().createStreaming(params())) {
            stream.stream().forEach(accumulator::accumulate);
        }

        var answer = accumulator.message();
        assertThat(answer.content().getFirst().asText().text())
                .isEqualTo("Hello, you, at the other end.");
        assertThat(answer.usage().outputTokens())
                .isEqualTo(provider.bill().getFirst().tokens().output());
    }

    @Test
    void reads_streamed_tool_use() {
        provider.always(usesTool("Bash", "{\"command\":\"ls\"}"));
        var accumulator = MessageAccumulator.create();

        try (var stream = client.messages().createStreaming(params())) {
            stream.stream().forEach(accumulator::accumulate);
        }

        var use = accumulator.message().content().getFirst().asToolUse();
        assertThat(use.name()).isEqualTo("Bash");
        assertThat(use._input().toString()).contains("command", "ls");
    }

    @Test
    void reads_token_counts_and_models() {
        var counted =
                client.messages()
                        .countTokens(
                                MessageCountTokensParams.builder()
                                        .model("claude-haiku-4-5")
                                        .addUserMessage("Hello?")
                                        .build());
        client.messages().create(params());

        assertThat(counted.inputTokens()).isEqualTo(provider.bill().getFirst().tokens().input());
        assertThat(client.models().list().data())
                .anyMatch(model -> model.id().equals("claude-haiku-4-5"));
    }

    @Test
    void throws_the_errors_it_is_told() {
        provider.then(answers(429, RetryAfter.none().andShouldRetry(false)))
                .then(failsMidStream(2));

        assertThatThrownBy(() -> client.messages().create(params()))
                .isInstanceOf(RateLimitException.class);
        assertThatThrownBy(
                        () -> {
                            try (var stream = client.messages().createStreaming(params())) {
                                assertThat(stream.stream().count()).isPositive();
                            }
                        })
                .isInstanceOf(AnthropicException.class)
                .hasMessageContaining("Overloaded");
    }
}
