package dev.tollgate.loadtest.provider;

import static dev.tollgate.loadtest.provider.Behaviour.answers;
import static dev.tollgate.loadtest.provider.Behaviour.replies;
import static dev.tollgate.loadtest.provider.Behaviour.usesTool;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.RateLimitException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.embeddings.EmbeddingCreateParams;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The OpenAI dialect as the official Java client takes it.
class OpenAiClientTest {

    private SimulatedProvider provider;
    private OpenAIClient client;

    @BeforeEach
    void start() {
        provider = SimulatedProvider.start();
        client =
                OpenAIOkHttpClient.builder()
                        .baseUrl(provider.openAiBaseUrl())
                        .apiKey("any")
                        .responseValidation(true)
                        .build();
    }

    @AfterEach
    void stop() {
        client.close();
        provider.close();
    }

    private static ChatCompletionCreateParams.Builder chat() {
        return ChatCompletionCreateParams.builder()
                .model("gpt-4o")
                .maxCompletionTokens(200)
                .addUserMessage("Hello?");
    }

    @Test
    void reads_whole_answers_and_their_usage() {
        provider.always(replies("Hello, you.").reasons(3));

        var answer = client.chat().completions().create(chat().build());

        assertThat(answer.choices().getFirst().message().content()).contains("Hello, you.");
        var usage = answer.usage().orElseThrow();
        assertThat(usage.totalTokens()).isEqualTo(usage.promptTokens() + usage.completionTokens());
        assertThat(usage.completionTokensDetails().orElseThrow().reasoningTokens()).contains(3L);
    }

    @Test
    void reads_streams_to_their_end() {
        provider.always(replies("Hello, you, at the other end."));
        var options = ChatCompletionStreamOptions.builder().includeUsage(true).build();
        var accumulator = ChatCompletionAccumulator.create();

        try (var stream =
                client.chat()
                        .completions()
                        .createStreaming(chat().streamOptions(options).build())) {
            stream.stream().forEach(accumulator::accumulate);
        }

        var answer = accumulator.chatCompletion();
        assertThat(answer.choices().getFirst().message().content())
                .contains("Hello, you, at the other end.");
        assertThat(answer.usage().orElseThrow().completionTokens())
                .isEqualTo(provider.bill().getFirst().tokens().output());
    }

    @Test
    void reads_tool_calls() {
        provider.always(usesTool("add", "{\"a\":1}"));

        var answer = client.chat().completions().create(chat().build());

        var call = answer.choices().getFirst().message().toolCalls().orElseThrow().getFirst();
        assertThat(call.asFunction().function().name()).isEqualTo("add");
        assertThat(call.asFunction().function().arguments()).isEqualTo("{\"a\":1}");
    }

    @Test
    void reads_embeddings_and_models() {
        var embeddings =
                client.embeddings()
                        .create(
                                EmbeddingCreateParams.builder()
                                        .model("text-embedding-3-small")
                                        .input("some text")
                                        .build());

        assertThat(embeddings.data().getFirst().embedding()).hasSize(1_536);
        assertThat(client.models().list().data()).anyMatch(model -> model.id().equals("gpt-4o"));
        assertThat(client.models().retrieve("gpt-4o").id()).isEqualTo("gpt-4o");
    }

    @Test
    void retries_what_it_may_and_no_more() {
        provider.then(answers(429, RetryAfter.millis(Duration.ofMillis(1))));
        assertThat(client.chat().completions().create(chat().build()).choices()).hasSize(1);
        assertThat(provider.seen()).hasSize(2);

        provider.then(answers(429, RetryAfter.none().andShouldRetry(false)));
        assertThatThrownBy(() -> client.chat().completions().create(chat().build()))
                .isInstanceOf(RateLimitException.class)
                .hasMessageContaining("Scripted status 429");
        assertThat(provider.seen()).hasSize(3);
    }
}
