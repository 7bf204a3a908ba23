package dev.tollgate.node.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.JsonValue;
import com.anthropic.errors.BadRequestException;
import com.anthropic.errors.InternalServerException;
import com.anthropic.errors.RateLimitException;
import com.anthropic.errors.UnauthorizedException;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.messages.ContentBlockParam;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCountTokensParams;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.StopReason;
import com.anthropic.models.messages.Tool;
import com.anthropic.models.messages.ToolResultBlockParam;
import com.anthropic.models.models.ModelInfo;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ClientGateway.Shared.class)
class AnthropicJavaIT {

    private static final String MODEL = "claude-sonnet-4-5";

    private final ClientGateway gateway;
    private final AnthropicClient client;

    AnthropicJavaIT(ClientGateway gateway) {
        this.gateway = gateway;
        this.client = client(gateway.key("anthropic-java", ClientGateway.NO_BUDGET), 2);
    }

    @Test
    void a_whole_answer() {
        try (var answer =
                client.messages().withRawResponse().create(saying("java anthropic whole"))) {
            var message = answer.parse();
            assertThat(text(message)).isEqualTo(UpstreamScript.HELLO);
            assertThat(message.usage().outputTokens()).isPositive();
            assertThat(answer.headers().values("x-tollgate-provider")).containsExactly("anthropic");
        }
    }

    @Test
    void a_stream() {
        var gathered = MessageAccumulator.create();

        try (var events = client.messages().createStreaming(saying("java anthropic stream"))) {
            events.stream().forEach(gathered::accumulate);
        }

        var message = gathered.message();
        assertThat(text(message)).isEqualTo(UpstreamScript.HELLO);
        assertThat(message.stopReason()).contains(StopReason.END_TURN);
        assertThat(message.usage().outputTokens()).isPositive();
    }

    @Test
    void a_tool_is_called_and_its_result_answered() {
        var asked = saying("java anthropic tool").toBuilder().addTool(weather()).build();

        var first = client.messages().create(asked);
        var call =
                first.content().stream()
                        .flatMap(block -> block.toolUse().stream())
                        .findFirst()
                        .orElseThrow();
        var second =
                client.messages()
                        .create(
                                asked.toBuilder()
                                        .addMessage(first)
                                        .addUserMessageOfContentBlockParams(
                                                List.of(
                                                        ContentBlockParam.ofToolResult(
                                                                ToolResultBlockParam.builder()
                                                                        .toolUseId(call.id())
                                                                        .content("rain")
                                                                        .build())))
                                        .build());

        assertThat(first.stopReason()).contains(StopReason.TOOL_USE);
        assertThat(call.name()).isEqualTo(UpstreamScript.WEATHER_TOOL);
        assertThat(text(second)).isEqualTo(UpstreamScript.WEATHER);
    }

    @Test
    void counting_tokens() {
        var counted =
                client.messages()
                        .countTokens(
                                MessageCountTokensParams.builder()
                                        .model(MODEL)
                                        .addUserMessage("java anthropic count")
                                        .build());

        assertThat(counted.inputTokens()).isPositive();
    }

    @Test
    void the_list_of_models() {
        assertThat(client.models().list().data()).extracting(ModelInfo::id).contains(MODEL);
    }

    @Test
    void errors_of_the_provider_keep_their_type() {
        assertThatExceptionOfType(BadRequestException.class)
                .isThrownBy(() -> create(client, "please fail with 400 java anthropic"));
        assertThat(gateway.upstream("please fail with 400 java anthropic")).hasSize(1);
    }

    @Test
    void failures_of_the_provider_are_retried() {
        var impatient = client(gateway.key("anthropic-java-retry", ClientGateway.NO_BUDGET), 1);

        assertThatExceptionOfType(InternalServerException.class)
                .isThrownBy(() -> create(impatient, "please fail with 500 java anthropic"));
        assertThat(gateway.upstream("please fail with 500 java anthropic")).hasSize(2);
    }

    @Test
    void an_unknown_key_is_unauthorized() {
        assertThatExceptionOfType(UnauthorizedException.class)
                .isThrownBy(() -> create(client("sk-tg-nobody", 0), "java anthropic nobody"));
        assertThat(gateway.upstream("java anthropic nobody")).isEmpty();
    }

    @Test
    void an_exhausted_budget_arrives_typed_and_is_not_retried() {
        var once = client(gateway.key("anthropic-java-once", ClientGateway.ONCE_A_DAY), 3);
        create(once, "java anthropic once");
        var before = gateway.refused("budget_exhausted");

        var refusal =
                catchThrowableOfType(
                        RateLimitException.class, () -> create(once, "java anthropic once"));

        assertThat(refusal.headers().values("x-should-retry")).containsExactly("false");
        assertThat(refusal.body().toString()).contains("rate_limit_error");
        assertThat(gateway.refused("budget_exhausted") - before).isEqualTo(1);
        assertThat(gateway.upstream("java anthropic once")).hasSize(1);
    }

    @Test
    void too_many_at_once_is_retried_when_the_other_has_ended() throws Exception {
        var single = client(gateway.key("anthropic-java-single", ClientGateway.ONE_AT_A_TIME), 5);
        var before = gateway.refused("too_many_concurrent");

        CompletableFuture<Message> second;
        try (var held = single.messages().createStreaming(saying("please hold java anthropic"))) {
            assertThat(held.stream().findFirst()).isPresent();
            second =
                    CompletableFuture.supplyAsync(
                            () -> create(single, "java anthropic one at a time"),
                            Thread::startVirtualThread);
            ClientGateway.await("a refusal", () -> gateway.refused("too_many_concurrent") > before);
        }

        assertThat(text(second.get(30, TimeUnit.SECONDS))).isEqualTo(UpstreamScript.HELLO);
        assertThat(gateway.upstream("java anthropic one at a time")).hasSize(1);
    }

    @Test
    void answers_that_an_elastic_budget_cuts_end_as_too_long_ones_do() throws Exception {
        var elastic = client(gateway.key("anthropic-java-elastic", ClientGateway.ELASTIC), 0);
        var params =
                MessageCreateParams.builder()
                        .model(MODEL)
                        .maxTokens(4_000)
                        .addUserMessage("please write at length java anthropic")
                        .build();

        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var streams =
                    List.of(
                            threads.submit(() -> accumulated(elastic, params)),
                            threads.submit(() -> accumulated(elastic, params)),
                            threads.submit(() -> elastic.messages().create(params)));
            for (var stream : streams) {
                var message = stream.get().validate();
                assertThat(text(message)).isNotEmpty();
                assertThat(message.stopReason()).contains(StopReason.MAX_TOKENS);
                assertThat(message.usage().outputTokens()).isPositive();
            }
        }
    }

    @Test
    void a_whole_answer_under_an_elastic_budget_has_its_tool_call() {
        var elastic = client(gateway.key("anthropic-java-elastic", ClientGateway.ELASTIC), 0);
        var asked = saying("java anthropic elastic tool").toBuilder().addTool(weather()).build();

        var content = elastic.messages().create(asked).validate().content();

        var call = content.getLast().asToolUse();
        assertThat(call.name()).isEqualTo(UpstreamScript.WEATHER_TOOL);
        assertThat(call._input().toString()).contains("Ghent");
    }

    private static Message accumulated(AnthropicClient client, MessageCreateParams params) {
        var accumulator = MessageAccumulator.create();
        try (var events = client.messages().createStreaming(params)) {
            events.stream().forEach(accumulator::accumulate);
        }
        return accumulator.message();
    }

    private AnthropicClient client(String key, int retries) {
        return AnthropicOkHttpClient.builder()
                .baseUrl(gateway.url())
                .apiKey(key)
                .maxRetries(retries)
                .build();
    }

    private static Message create(AnthropicClient client, String prompt) {
        return client.messages().create(saying(prompt));
    }

    private static MessageCreateParams saying(String prompt) {
        return MessageCreateParams.builder()
                .model(MODEL)
                .maxTokens(64)
                .addUserMessage(prompt)
                .build();
    }

    private static String text(Message message) {
        return message.content().getFirst().asText().text();
    }

    private static Tool weather() {
        return Tool.builder()
                .name(UpstreamScript.WEATHER_TOOL)
                .inputSchema(
                        Tool.InputSchema.builder()
                                .properties(
                                        Tool.InputSchema.Properties.builder()
                                                .putAdditionalProperty(
                                                        "city",
                                                        JsonValue.from(Map.of("type", "string")))
                                                .build())
                                .build())
                .build();
    }
}
