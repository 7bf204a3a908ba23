package dev.tollgate.node.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.errors.BadRequestException;
import com.openai.errors.InternalServerException;
import com.openai.errors.RateLimitException;
import com.openai.errors.UnauthorizedException;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionFunctionTool;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionTool;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.models.Model;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ClientGateway.Shared.class)
class OpenAiJavaIT {

    private static final String MODEL = "gpt-4o-mini";

    private final ClientGateway gateway;
    private final OpenAIClient client;

    OpenAiJavaIT(ClientGateway gateway) {
        this.gateway = gateway;
        this.client = client(gateway.key("openai-java", ClientGateway.NO_BUDGET), 2);
    }

    @Test
    void a_whole_answer() {
        try (var answer =
                client.chat().completions().withRawResponse().create(saying("java openai whole"))) {
            var completion = answer.parse();
            assertThat(text(completion)).isEqualTo(UpstreamScript.HELLO);
            assertThat(completion.usage().orElseThrow().totalTokens()).isPositive();
            assertThat(answer.requestId().orElseThrow()).hasSize(36);
            assertThat(answer.headers().values("x-tollgate-provider")).containsExactly("openai");
        }
    }

    @Test
    void a_stream_with_and_without_its_usage_chunk() {
        var plain = saying("java openai stream");
        var withUsage =
                plain.toBuilder()
                        .streamOptions(
                                ChatCompletionStreamOptions.builder().includeUsage(true).build())
                        .build();

        assertThat(streamed(plain)).noneMatch(chunk -> chunk.usage().isPresent());
        assertThat(deltas(streamed(plain))).isEqualTo(UpstreamScript.HELLO);
        assertThat(streamed(withUsage).getLast().usage()).isPresent();
    }

    @Test
    void a_tool_is_called_and_its_result_answered() {
        var asked = saying("java openai tool").toBuilder().addTool(weather()).build();

        var first = client.chat().completions().create(asked).choices().getFirst().message();
        var call = first.toolCalls().orElseThrow().getFirst().asFunction();
        var second =
                client.chat()
                        .completions()
                        .create(
                                asked.toBuilder()
                                        .addMessage(first)
                                        .addMessage(
                                                ChatCompletionToolMessageParam.builder()
                                                        .toolCallId(call.id())
                                                        .content("rain")
                                                        .build())
                                        .build());

        assertThat(call.function().name()).isEqualTo(UpstreamScript.WEATHER_TOOL);
        assertThat(call.function().arguments()).isEqualTo("{\"city\":\"Ghent\"}");
        assertThat(text(second)).isEqualTo(UpstreamScript.WEATHER);
    }

    @Test
    void embeddings() {
        var embeddings =
                client.embeddings()
                        .create(
                                EmbeddingCreateParams.builder()
                                        .model("text-embedding-3-small")
                                        .inputOfArrayOfStrings(List.of("one", "two"))
                                        .build());

        assertThat(embeddings.data()).hasSize(2);
        assertThat(embeddings.data().getFirst().embedding()).isNotEmpty();
        assertThat(embeddings.usage().promptTokens()).isPositive();
    }

    @Test
    void the_list_of_models() {
        assertThat(client.models().list().data())
                .extracting(Model::id)
                .contains(MODEL)
                .noneMatch(name -> name.startsWith("claude-"));
    }

    @Test
    void errors_of_the_provider_keep_their_type() {
        assertThatExceptionOfType(BadRequestException.class)
                .isThrownBy(() -> create(client, "please fail with 400 java openai"));
        assertThat(gateway.upstream("please fail with 400 java openai")).hasSize(1);
    }

    @Test
    void failures_of_the_provider_are_retried() {
        var impatient = client(gateway.key("openai-java-retry", ClientGateway.NO_BUDGET), 1);

        assertThatExceptionOfType(InternalServerException.class)
                .isThrownBy(() -> create(impatient, "please fail with 500 java openai"));
        assertThat(gateway.upstream("please fail with 500 java openai")).hasSize(2);
    }

    @Test
    void an_unknown_key_is_unauthorized() {
        assertThatExceptionOfType(UnauthorizedException.class)
                .isThrownBy(() -> create(client("sk-tg-nobody", 0), "java openai nobody"));
        assertThat(gateway.upstream("java openai nobody")).isEmpty();
    }

    @Test
    void an_exhausted_budget_arrives_typed_and_is_not_retried() {
        var once = client(gateway.key("openai-java-once", ClientGateway.ONCE_A_DAY), 3);
        create(once, "java openai once");
        var before = gateway.refused("budget_exhausted");

        var refusal =
                catchThrowableOfType(
                        RateLimitException.class, () -> create(once, "java openai once"));

        assertThat(refusal.code()).contains("insufficient_quota");
        assertThat(refusal.headers().values("x-should-retry")).containsExactly("false");
        assertThat(gateway.refused("budget_exhausted") - before).isEqualTo(1);
        assertThat(gateway.upstream("java openai once")).hasSize(1);
    }

    @Test
    void too_many_at_once_is_retried_when_the_other_has_ended() throws Exception {
        var single = client(gateway.key("openai-java-single", ClientGateway.ONE_AT_A_TIME), 5);
        var before = gateway.refused("too_many_concurrent");

        CompletableFuture<ChatCompletion> second;
        try (var held =
                single.chat().completions().createStreaming(saying("please hold java openai"))) {
            assertThat(held.stream().findFirst()).isPresent();
            second =
                    CompletableFuture.supplyAsync(
                            () -> create(single, "java openai one at a time"),
                            Thread::startVirtualThread);
            ClientGateway.await("a refusal", () -> gateway.refused("too_many_concurrent") > before);
        }

        assertThat(text(second.get(30, TimeUnit.SECONDS))).isEqualTo(UpstreamScript.HELLO);
        assertThat(gateway.upstream("java openai one at a time")).hasSize(1);
    }

    @Test
    void answers_that_an_elastic_budget_cuts_end_as_too_long_ones_do() throws Exception {
        var elastic = client(gateway.key("openai-java-elastic", ClientGateway.ELASTIC), 0);
        var params =
                ChatCompletionCreateParams.builder()
                        .model(MODEL)
                        .maxCompletionTokens(4_000)
                        .streamOptions(
                                ChatCompletionStreamOptions.builder().includeUsage(true).build())
                        .addUserMessage("please write at length java openai");

        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var streams =
                    List.of(
                            threads.submit(() -> streamed(elastic, params.build())),
                            threads.submit(() -> streamed(elastic, params.build())));
            var whole = threads.submit(() -> create(elastic, "please write at length java whole"));
            for (var stream : streams) {
                var chunks = stream.get();
                assertThat(deltas(chunks)).isNotEmpty();
                assertThat(chunks.get(chunks.size() - 2).choices().getFirst().finishReason())
                        .contains(ChatCompletionChunk.Choice.FinishReason.LENGTH);
                assertThat(chunks.getLast().usage().orElseThrow().completionTokens()).isPositive();
            }
            var completion = whole.get().validate();
            assertThat(text(completion)).isNotEmpty();
            assertThat(completion.choices().getFirst().finishReason())
                    .isEqualTo(ChatCompletion.Choice.FinishReason.LENGTH);
            assertThat(completion.usage().orElseThrow().completionTokens()).isPositive();
        }
    }

    @Test
    void a_whole_answer_under_an_elastic_budget_has_its_tool_call() {
        var elastic = client(gateway.key("openai-java-elastic", ClientGateway.ELASTIC), 0);
        var asked = saying("java openai elastic tool").toBuilder().addTool(weather()).build();

        var message =
                elastic.chat()
                        .completions()
                        .create(asked)
                        .validate()
                        .choices()
                        .getFirst()
                        .message();

        var call = message.toolCalls().orElseThrow().getFirst().asFunction();
        assertThat(call.function().arguments()).isEqualTo("{\"city\":\"Ghent\"}");
        assertThat(message.content()).isEmpty();
    }

    private OpenAIClient client(String key, int retries) {
        return OpenAIOkHttpClient.builder()
                .baseUrl(gateway.url() + "/v1")
                .apiKey(key)
                .maxRetries(retries)
                .build();
    }

    private static ChatCompletion create(OpenAIClient client, String prompt) {
        return client.chat().completions().create(saying(prompt));
    }

    private static ChatCompletionCreateParams saying(String prompt) {
        return ChatCompletionCreateParams.builder().model(MODEL).addUserMessage(prompt).build();
    }

    private List<ChatCompletionChunk> streamed(ChatCompletionCreateParams params) {
        return streamed(client, params);
    }

    private static List<ChatCompletionChunk> streamed(
            OpenAIClient client, ChatCompletionCreateParams params) {
        try (var chunks = client.chat().completions().createStreaming(params)) {
            return chunks.stream().toList();
        }
    }

    private static String deltas(List<ChatCompletionChunk> chunks) {
        return chunks.stream()
                .flatMap(chunk -> chunk.choices().stream())
                .flatMap(choice -> choice.delta().content().stream())
                .collect(Collectors.joining());
    }

    private static String text(ChatCompletion completion) {
        return completion.choices().getFirst().message().content().orElse("");
    }

    private static ChatCompletionTool weather() {
        var parameters =
                FunctionParameters.builder()
                        .putAdditionalProperty("type", JsonValue.from("object"))
                        .putAdditionalProperty(
                                "properties",
                                JsonValue.from(Map.of("city", Map.of("type", "string"))))
                        .build();
        return ChatCompletionTool.ofFunction(
                ChatCompletionFunctionTool.builder()
                        .function(
                                FunctionDefinition.builder()
                                        .name(UpstreamScript.WEATHER_TOOL)
                                        .parameters(parameters)
                                        .build())
                        .build());
    }
}
