package dev.tollgate.loadtest.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BenchTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"stream\":true}              | true",
                "{\"model\":\"m\", \"stream\" : true, \"n\":1} | true",
                "{\"stream\":false}             | false",
                "{\"stream_options\":{},\"a\":1} | false",
                "{}                             | false",
                "{\"stream\"                    | false"
            })
    void sees_whether_a_stream_is_asked_for(String body, boolean expected) {
        assertThat(BenchHandler.asksToStream(Buffer.buffer(body))).isEqualTo(expected);
    }

    @Test
    void answers_both_dialects_in_both_forms() throws Exception {
        try (var provider = SimulatedProvider.start(ProviderOptions.defaults().forBench())) {
            for (var path : new String[] {"/v1/chat/completions", "/v1/messages"}) {
                assertThat(answer(provider, path, "{}")).contains("fox", "\"usage\":{");
                assertThat(answer(provider, path, "{\"stream\":true}"))
                        .contains("text/event-stream")
                        .containsAnyOf("data: [DONE]\n\n", "message_stop");
            }
            assertThat(provider.benchServed()).isEqualTo(4);
        }
    }

    private static String answer(SimulatedProvider provider, String path, String body)
            throws Exception {
        try (var client = new RawClient(provider.port())) {
            client.post(path, body, "connection: close");
            return client.readToEnd();
        }
    }
}
