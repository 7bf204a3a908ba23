package dev.tollgate.node.http;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tollgate.catalogue.Endpoint;
import dev.tollgate.node.http.RequestScanner.Scanned;
import dev.tollgate.path.ModelRequest.Place;
import dev.tollgate.problem.Problem.InvalidRequest;
import dev.tollgate.problem.Refusal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RequestScannerTest {

    private static final String PLAIN = "{\"model\":\"m\",\"messages\":[]}";

    @Test
    void reads_a_chat_request() {
        var body =
                """
                { "model" : "gpt-4.1", "stream":true, "stream_options":{"include_usage":true},
                  "max_completion_tokens": 12, "n":3, "user":"u1",
                  "metadata":{"app":"x","n":1,"bad name!":"y"},
                  "tools":[{"type":"function"}], "unknown": {"model":["x"]},
                  "messages":[{"role":"user","content":[
                    {"type":"text","text":"look"},
                    {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}},
                    {"image_url":{"url":"https://example.test/a.png"},"type":"image_url"},
                    {"type":"input_audio","input_audio":{"data":"BBBB"}}]}] }
                """;

        var scanned = chat(body);

        var request = scanned.request();
        assertThat(request.model()).isEqualTo("gpt-4.1");
        assertThat(request.stream()).isTrue();
        assertThat(request.usageAsked()).isTrue();
        assertThat(request.outputMax()).hasValue(12);
        assertThat(request.choices()).isEqualTo(3);
        assertThat(request.user()).isEqualTo("u1");
        assertThat(request.tools()).isTrue();
        assertThat(request.attachments()).isEqualTo(3);
        assertThat(request.imageBytes()).isEqualTo("data:image/png;base64,AAAA".length());
        assertThat(scanned.tags()).isEqualTo(Map.of("app", "x"));
        assertThat(text(body, request.places().model())).isEqualTo("\"gpt-4.1\"");
        assertThat(text(body, request.places().outputMax())).isEqualTo("12");
        assertThat(text(body, request.places().streamOptions()))
                .isEqualTo("{\"include_usage\":true}");
        assertThat(request.places().object()).isEqualTo(1);
        assertThat(request.places().objectEmpty()).isFalse();
    }

    @Test
    void reads_a_messages_request() {
        var body =
                """
                {"model":"claude","max_tokens":0,"thinking":{"type":"enabled","budget_tokens":1024},
                 "metadata":{"user_id":"u2"},"n":"not ours","stream_options":5,
                 "system":[{"type":"text","text":"be brief"}],
                 "messages":[{"role":"user","content":[
                   {"type":"tool_result","content":[{"type":"image","source":
                      {"type":"base64","media_type":"image/png","data":"QUJD\\/A=="}}]},
                   {"type":"document","source":{"type":"base64","data":"JVBERi0="}}]},
                  {"role":"assistant","content":[{"type":"tool_use","input":
                      {"type":"image","source":{"type":"base64","data":"a long prompt"}}}]}]}
                """;

        var request = RequestScanner.scan(Endpoint.MESSAGES, body.getBytes(UTF_8)).request();

        assertThat(request.outputMax()).hasValue(0);
        assertThat(request.thinkingBudget()).isEqualTo(1024);
        assertThat(request.user()).isEqualTo("u2");
        assertThat(request.attachments()).isEqualTo(2);
        assertThat(request.imageBytes()).isEqualTo("QUJD\\/A==".length());
        assertThat(request.choices()).isEqualTo(1);
    }

    @Test
    void reads_an_embeddings_request() {
        var body = "{\"input\":[\"a\",[1,2]],\"model\":\"m\",\"stream\":false}";

        var request = RequestScanner.scan(Endpoint.EMBEDDINGS, body.getBytes(UTF_8)).request();

        assertThat(request.model()).isEqualTo("m");
        assertThat(request.outputMax()).isEmpty();
    }

    @Test
    void takes_null_as_absent_but_knows_its_place() {
        var body =
                "{\"model\":\"m\",\"messages\":[],\"max_tokens\":null,\"max_completion_tokens\":5,"
                        + "\"stream\":null,\"stream_options\":null,\"n\":null,\"user\":null,"
                        + "\"tools\":null,\"metadata\":null}";

        var request = chat(body).request();

        assertThat(request.outputMax()).hasValue(5);
        assertThat(text(body, request.places().outputMax())).isEqualTo("5");
        assertThat(text(body, request.places().streamOptions())).isEqualTo("null");
        assertThat(request.choices()).isEqualTo(1);
        assertThat(request.stream()).isFalse();
    }

    @Test
    void knows_the_place_of_a_limit_that_is_null() {
        var body = "{\"model\":\"m\",\"messages\":[],\"max_tokens\":null}";

        var request = chat(body).request();

        assertThat(request.outputMax()).isEmpty();
        assertThat(text(body, request.places().outputMax())).isEqualTo("null");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "`` | body",
                "` ` | body",
                "[] | body",
                "null | body",
                "{ | body",
                "{\"model\":\"m\",\"messages\":[]}x | body",
                "{\"model\":\"m\",\"messages\":[]}{} | body",
                "{\"model\":\"m\",\"messages\":[],} | body",
                "{'model':'m','messages':[]} | body",
                "{\"model\":\"m\",\"messages\":[]/**/} | body",
                "{\"model\":\"m\",\"messages\":[\"\t\"]} | body",
                "{\"model\":\"m\",\"messages\":[NaN]} | body",
                "{\"model\":\"m\",\"messages\":[],\"max_tokens\":01} | body",
                "{\"model\":\"m\",\"model\":\"m\",\"messages\":[]} | model",
                "{\"model\":\"m\",\"mod\\u0065l\":\"m\",\"messages\":[]} | model",
                "{\"model\":\"m\",\"messages\":[{\"a\":[{\"b\":1,\"c\":2,\"b\":1}]}]} | b",
                "{\"messages\":[]} | model",
                "{\"model\":null,\"messages\":[]} | model",
                "{\"model\":7,\"messages\":[]} | model",
                "{\"model\":\"\",\"messages\":[]} | model",
                "{\"model\":\"a\\nb\",\"messages\":[]} | model",
                "{\"model\":\"m\"} | messages",
                "{\"model\":\"m\",\"messages\":{}} | messages",
                "{\"model\":\"m\",\"messages\":null} | messages",
                "{\"model\":\"m\",\"messages\":\"hello\"} | messages",
                "{\"model\":\"m\",\"messages\":[],\"Model\":\"n\"} | Model",
                "{\"model\":\"m\",\"messages\":[],\"MAX_TOKENS\":9} | MAX_TOKENS",
                "{\"model\":\"m\",\"messages\":[],\"max_to\u212aens\":9} | max_to?ens",
                "{\"model\":\"m\",\"messages\":[],\"stream\":\"true\"} | stream",
                "{\"model\":\"m\",\"messages\":[],\"stream\":1} | stream",
                "{\"model\":\"m\",\"messages\":[],\"stream_options\":true} | stream_options",
                "{\"model\":\"m\",\"messages\":[],\"stream_options\":{\"include_usage\":1}}"
                        + " | stream_options.include_usage",
                "{\"model\":\"m\",\"messages\":[],\"max_tokens\":0} | max_tokens",
                "{\"model\":\"m\",\"messages\":[],\"max_tokens\":-1} | max_tokens",
                "{\"model\":\"m\",\"messages\":[],\"max_tokens\":1.5} | max_tokens",
                "{\"model\":\"m\",\"messages\":[],\"max_tokens\":1e3} | max_tokens",
                "{\"model\":\"m\",\"messages\":[],\"max_tokens\":\"5\"} | max_tokens",
                "{\"model\":\"m\",\"messages\":[],\"max_tokens\":10000001} | max_tokens",
                "{\"model\":\"m\",\"messages\":[],\"max_tokens\":99999999999999999999}"
                        + " | max_tokens",
                "{\"model\":\"m\",\"messages\":[],\"max_completion_tokens\":-9223372036854775808}"
                        + " | max_completion_tokens",
                "{\"model\":\"m\",\"messages\":[],\"max_tokens\":5,\"max_completion_tokens\":6}"
                        + " | max_tokens",
                "{\"model\":\"m\",\"messages\":[],\"n\":0} | n",
                "{\"model\":\"m\",\"messages\":[],\"n\":129} | n",
                "{\"model\":\"m\",\"messages\":[],\"n\":[1]} | n",
                "{\"model\":\"m\",\"messages\":[],\"user\":5} | user",
                "{\"model\":\"m\",\"messages\":[],\"user\":\"a\\u0000b\"} | user",
                "{\"model\":\"m\",\"messages\":[],\"user\":\"\\ud800\"} | user",
                "{\"model\":\"m\",\"messages\":[],\"tools\":{}} | tools",
                "{\"model\":\"m\",\"messages\":[],\"metadata\":[]} | metadata",
            })
    void refuses_what_is_no_chat_request(String body, String field) {
        assertThat(refusal(Endpoint.CHAT_COMPLETIONS, body.getBytes(UTF_8)).field())
                .isEqualTo(field.replace("max_to?ens", "max_to\u212aens"));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "EMBEDDINGS | {\"model\":\"m\"} | input",
                "EMBEDDINGS | {\"model\":\"m\",\"messages\":[]} | input",
                "EMBEDDINGS | {\"model\":\"m\",\"input\":null} | input",
                "EMBEDDINGS | {\"model\":\"m\",\"input\":{}} | input",
                "EMBEDDINGS | {\"model\":\"m\",\"input\":\"a\",\"stream\":true} | stream",
                "COUNT_TOKENS | {\"model\":\"m\",\"messages\":[],\"stream\":true} | stream",
                "COUNT_TOKENS | {\"model\":\"m\"} | messages",
                "MESSAGES | {\"model\":\"m\",\"messages\":[],\"max_tokens\":-1} | max_tokens",
                "MESSAGES |"
                    + " {\"model\":\"m\",\"messages\":[],\"thinking\":{\"budget_tokens\":\"x\"}} |"
                    + " thinking.budget_tokens",
                "MESSAGES | {\"model\":\"m\",\"messages\":[],\"metadata\":{\"user_id\":1}}"
                        + " | metadata.user_id",
            })
    void refuses_what_another_endpoint_does_not_take(Endpoint endpoint, String body, String field) {
        assertThat(refusal(endpoint, body.getBytes(UTF_8)).field()).isEqualTo(field);
    }

    @Test
    void refuses_other_encodings_than_utf_8() {
        var overlong = PLAIN.replace("\"m\"", "\"X\"").getBytes(UTF_8);
        var at = PLAIN.indexOf("\"m\"");
        overlong[at + 1] = (byte) 0xc0;

        assertThat(refusal(Endpoint.CHAT_COMPLETIONS, overlong).value())
                .isEqualTo("not UTF-8 at byte " + (at + 1));
        assertThat(refusal(Endpoint.CHAT_COMPLETIONS, PLAIN.getBytes(UTF_16LE)).field())
                .isEqualTo("body");
        assertThat(refusal(Endpoint.CHAT_COMPLETIONS, ("\ufeff" + PLAIN).getBytes(UTF_8)).field())
                .isEqualTo("body");
    }

    @Test
    void refuses_deep_nesting_and_takes_what_is_within() {
        var within = "[".repeat(127) + "]".repeat(127);
        var beyond = "[".repeat(100_000) + "]".repeat(100_000);

        assertThat(chat("{\"model\":\"m\",\"messages\":[],\"x\":" + within + "}").request().model())
                .isEqualTo("m");
        assertThat(
                        refusal(
                                        Endpoint.CHAT_COMPLETIONS,
                                        ("{\"model\":\"m\",\"messages\":[],\"x\":" + beyond + "}")
                                                .getBytes(UTF_8))
                                .expected())
                .contains("128 levels");
    }

    @Test
    void never_shows_text_of_the_caller_in_place_of_another_type() {
        var problem =
                refusal(
                        Endpoint.CHAT_COMPLETIONS,
                        "{\"model\":\"m\",\"messages\":\"a secret prompt\"}".getBytes(UTF_8));

        assertThat(problem).isEqualTo(new InvalidRequest("messages", "a string", "an array"));
    }

    @Test
    void shortens_the_values_it_shows() {
        var problem =
                refusal(
                        Endpoint.CHAT_COMPLETIONS,
                        ("{\"model\":\"" + "m\u00fc".repeat(200) + "\",\"messages\":[]}")
                                .getBytes(UTF_8));

        assertThat(problem.value()).hasSize(67).startsWith("m?m?").endsWith("...");
    }

    static LongStream seeds() {
        return LongStream.range(0, 300);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void finds_every_place_wherever_it_is(long seed) {
        var random = new Random(seed);
        var name = quoted(random);
        var limit = "" + (1 + random.nextInt(9_999_999));
        var options = "{" + space(random) + "\"x\":" + space(random) + quoted(random) + "}";
        var members =
                new ArrayList<>(
                        List.of(
                                "\"model\"" + colon(random) + "\"a\\u0062/c\"",
                                "\"max_tokens\"" + colon(random) + limit,
                                "\"stream_options\"" + colon(random) + options,
                                "\"messages\"" + colon(random) + "[" + name + "]",
                                "\"m\u00fc\u20ac\"" + colon(random) + name,
                                "\"nested\"" + colon(random) + "{\"model\":" + name + "}"));
        Collections.shuffle(members, random);
        var body = space(random) + "{" + space(random);
        body += String.join(space(random) + "," + space(random), members) + space(random) + "} ";

        var places = chat(body).request().places();

        assertThat(text(body, places.model())).isEqualTo("\"a\\u0062/c\"");
        assertThat(text(body, places.outputMax())).isEqualTo(limit);
        assertThat(text(body, places.streamOptions())).isEqualTo(options);
        assertThat(body.getBytes(UTF_8)[places.object() - 1]).isEqualTo((byte) '{');
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void refuses_or_agrees_with_a_full_parser_when_bytes_are_mangled(long seed) throws IOException {
        var random = new Random(seed);
        var seedBody =
                "{\"model\":\"g\u00fc\\n\",\"n\":2,\"max_tokens\":77,\"stream\":true,"
                        + "\"messages\":[{\"content\":[{\"type\":\"image\",\"source\":"
                        + "{\"type\":\"base64\",\"data\":\"QQ==\"}}]}],\"user\":\"\u20ac\"}";
        var body = mangled(seedBody.replace("\u00fc\\n", "4").getBytes(UTF_8), random);

        Scanned scanned;
        try {
            scanned = RequestScanner.scan(Endpoint.CHAT_COMPLETIONS, body);
        } catch (Refusal refusal) {
            assertThat(refusal.problem()).isInstanceOf(InvalidRequest.class);
            return;
        }

        var tree = new ObjectMapper().readTree(body);
        var request = scanned.request();
        assertThat(tree.get("model").textValue()).isEqualTo(request.model());
        assertThat(tree.path("max_tokens").asLong(-1)).isEqualTo(request.outputMax().orElse(-1));
        assertThat(tree.path("n").asInt(1)).isEqualTo(request.choices());
        assertThat(tree.path("stream").asBoolean()).isEqualTo(request.stream());
    }

    private static byte[] mangled(byte[] body, Random random) {
        var copy = body.clone();
        var interesting = "{}[]\",:\\0-9e.tfn \u0000\u007f";
        for (var i = 0; i <= random.nextInt(3); i++) {
            copy[random.nextInt(copy.length)] =
                    random.nextBoolean()
                            ? (byte) random.nextInt(256)
                            : (byte) interesting.charAt(random.nextInt(interesting.length()));
        }
        return random.nextInt(4) == 0 ? Arrays.copyOf(copy, random.nextInt(copy.length)) : copy;
    }

    private static String quoted(Random random) {
        var pieces =
                List.of("a", "\u00fc", "\u20ac", "\ud83d\ude00", "\\\"", "\\\\", "\\u00e9", "}");
        var text = new StringBuilder("\"");
        for (var i = random.nextInt(40); i > 0; i--) {
            text.append(pieces.get(random.nextInt(pieces.size())));
        }
        return text.append('"').toString();
    }

    private static String colon(Random random) {
        return space(random) + ":" + space(random);
    }

    private static String space(Random random) {
        return " \n\t\r ".substring(random.nextInt(5)).repeat(random.nextInt(3));
    }

    private static Scanned chat(String body) {
        return RequestScanner.scan(Endpoint.CHAT_COMPLETIONS, body.getBytes(UTF_8));
    }

    private static InvalidRequest refusal(Endpoint endpoint, byte[] body) {
        var refusal =
                assertThatExceptionOfType(Refusal.class)
                        .isThrownBy(() -> RequestScanner.scan(endpoint, body))
                        .actual();
        return (InvalidRequest) refusal.problem();
    }

    private static String text(String body, Place place) {
        return new String(
                Arrays.copyOfRange(body.getBytes(UTF_8), place.from(), place.to()), UTF_8);
    }
}
