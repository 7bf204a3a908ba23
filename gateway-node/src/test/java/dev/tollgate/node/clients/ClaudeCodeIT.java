package dev.tollgate.node.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.loadtest.provider.Behaviour;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Claude Code, unchanged and without an account, doing a turn with a tool through the gateway.
@ExtendWith(ClientGateway.Shared.class)
class ClaudeCodeIT {

    private static final Path CLAUDE =
            NpmClientsIT.SCRIPTS.resolve("node_modules/.bin/claude").toAbsolutePath();
    private static final String MODEL = "claude-sonnet-4-5";
    private static final Duration LIMIT = Duration.ofMinutes(1);

    private final ClientGateway gateway;
    private final String note = "note-" + UUID.randomUUID();

    @TempDir private Path home;
    @TempDir private Path work;

    ClaudeCodeIT(ClientGateway gateway) {
        this.gateway = gateway;
    }

    @BeforeEach
    void write_the_note() throws IOException {
        Files.writeString(work.resolve("note.txt"), note);
    }

    @Test
    void it_completes_a_turn_with_a_tool_use() throws InterruptedException {
        var prompt = prompt();

        var program = claude(prompt, Map.of("ANTHROPIC_API_KEY", key("claude-code")));

        assertDone(program);
        var calls = gateway.upstream(prompt);
        assertThat(calls).hasSize(2);
        assertThat(UpstreamScript.text(calls.getFirst())).doesNotContain(note);
        assertThat(UpstreamScript.text(calls.getLast())).contains(note);
        assertThat(calls).allMatch(call -> call.target().equals("/v1/messages?beta=true"));
        assertThat(calls)
                .allSatisfy(call ->
                        assertThat(call.header("x-api-key")).contains("sk-upstream-anthropic"));
    }

    @Test
    void its_calls_are_in_the_ledger_under_its_session() throws InterruptedException {
        var prompt = prompt();

        var program = claude(prompt, Map.of("ANTHROPIC_AUTH_TOKEN", key("claude-code-ledger")));

        assertDone(program);
        var session = new JsonObject(program.output()).getString("session_id");
        ClientGateway.await(
                "two ledger entries of session " + session,
                () -> entries().stream().filter(entry -> ofSession(entry, session)).count() == 2);
    }

    @Test
    void in_local_mode_it_needs_no_key_of_ours() throws InterruptedException {
        var prompt = prompt();

        assertDone(claude(prompt, Map.of("ANTHROPIC_API_KEY", "sk-ant-api03-of-its-own")));

        assertThat(gateway.upstream(prompt)).hasSize(2);
        assertThat(gateway.upstream(prompt))
                .noneMatch(call -> call.headers().toString().contains("of-its-own"));
    }

    private Program claude(String prompt, Map<String, String> credential)
            throws InterruptedException {
        gateway.fixture()
                .provider()
                .when(
                        seen -> UpstreamScript.text(seen).contains(prompt),
                        Behaviour.usesToolThenReplies(
                                "Bash",
                                "{\"command\":\"cat note.txt\",\"description\":\"Read the note\"}",
                                "The note is read."));
        var environment =
                new HashMap<>(
                        Map.of(
                                "HOME", home.toString(),
                                "ANTHROPIC_BASE_URL", gateway.url(),
                                "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"));
        environment.putAll(credential);
        return Program.run(
                List.of(
                        CLAUDE.toString(),
                        "-p",
                        prompt,
                        "--model",
                        MODEL,
                        "--allowedTools",
                        "Bash",
                        "--output-format",
                        "json"),
                work,
                environment,
                LIMIT);
    }

    private static void assertDone(Program program) {
        assertThat(program.exit()).as(program.output()).isZero();
        var result = new JsonObject(program.output());
        assertThat(result.getString("result")).isEqualTo("The note is read.");
        assertThat(result.getBoolean("is_error")).isFalse();
        assertThat(result.getInteger("num_turns")).isEqualTo(2);
    }

    private List<JsonObject> entries() {
        var answer = gateway.fixture().admin("GET", "/admin/v1/organizations/local/ledger", null);
        var items = new JsonObject(answer.body()).getJsonArray("items", new JsonArray());
        return items.stream().map(JsonObject.class::cast).toList();
    }

    private static boolean ofSession(JsonObject entry, String session) {
        return session.equals(entry.getString("session"))
                && entry.getLong("input_tokens") > 0
                && entry.getLong("output_tokens") > 0;
    }

    private String key(String name) {
        return gateway.key(name, ClientGateway.NO_BUDGET);
    }

    private static String prompt() {
        return "Read the note " + UUID.randomUUID();
    }
}
