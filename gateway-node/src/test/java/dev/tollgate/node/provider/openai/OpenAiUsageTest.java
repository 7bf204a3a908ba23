package dev.tollgate.node.provider.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.node.provider.Json;
import dev.tollgate.node.provider.UsageFields;
import dev.tollgate.node.provider.UsageReading;
import dev.tollgate.tokens.Usage;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OpenAiUsageTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                // json | uncached, read, 5m, 1h, output, reasoning, audio, image, calls
                "{'prompt_tokens':10,'completion_tokens':5,'total_tokens':15} | 10 0 0 0 5 0 0 0 0",
                "{'prompt_tokens':0,'completion_tokens':0} | 0 0 0 0 0 0 0 0 0",
                "{'prompt_tokens':10,'completion_tokens':5,'prompt_tokens_details':{'cached_tokens':4}}"
                    + " | 6 4 0 0 5 0 0 0 0",
                "{'prompt_tokens':10,'completion_tokens':5,'prompt_tokens_details':{'cached_tokens':4,'cache_write_tokens':6}}"
                    + " | 0 4 6 0 5 0 0 0 0",
                "{'prompt_tokens':10,'completion_tokens':5,'completion_tokens_details':{'reasoning_tokens':5}}"
                    + " | 10 0 0 0 5 5 0 0 0",
                "{'prompt_tokens':10,'completion_tokens':5,'completion_tokens_details':{'rejected_prediction_tokens':2,'accepted_prediction_tokens':1}}"
                    + " | 10 0 0 0 5 0 0 0 0",
                "{'prompt_tokens':10,'completion_tokens':5,'prompt_tokens_details':{'audio_tokens':3,'image_tokens':2},'completion_tokens_details':{'audio_tokens':4}}"
                    + " | 10 0 0 0 5 0 7 2 0",
                "{'prompt_tokens':10,'completion_tokens':5,'prompt_tokens_details':null,'completion_tokens_details':null}"
                    + " | 10 0 0 0 5 0 0 0 0",
                "{'prompt_tokens':10,'completion_tokens':5,'prompt_tokens_details':{'cached_tokens':null}}"
                    + " | 10 0 0 0 5 0 0 0 0",
                "{'prompt_tokens':10,'completion_tokens':5,'cost':0.01,'queue':'x','new':{'a':{'b':{'c':1}}},'list':[1,{'a':2}]}"
                    + " | 10 0 0 0 5 0 0 0 0",
                "{'prompt_tokens':100000000,'completion_tokens':5} | 100000000 0 0 0 5 0 0 0 0",
            })
    void sorts_tokens_into_classes_that_do_not_overlap(String json, String classes)
            throws IOException {
        var reading = read(json, true);

        assertThat(reading.usage()).contains(usage(classes));
        assertThat(reading.anomaly()).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{} | usage.prompt_tokens: absent",
                "{'prompt_tokens':null,'completion_tokens':null} | usage.prompt_tokens: absent",
                "{'prompt_tokens':10} | usage.completion_tokens: absent",
                "{'completion_tokens':10} | usage.prompt_tokens: absent",
                "{'prompt_tokens':-1,'completion_tokens':5} | usage.prompt_tokens: -1",
                "{'prompt_tokens':1,'completion_tokens':100000001} | usage.completion_tokens:"
                        + " 100000001",
                "{'prompt_tokens':9223372036854775807,'completion_tokens':1} | usage.prompt_tokens:"
                        + " 9223372036854775807",
                "{'prompt_tokens':99999999999999999999,'completion_tokens':1} |"
                        + " usage.prompt_tokens: not a whole number",
                "{'prompt_tokens':1.5,'completion_tokens':1} | usage.prompt_tokens: not a whole"
                        + " number",
                "{'prompt_tokens':'10','completion_tokens':1} | usage.prompt_tokens: not a whole"
                        + " number",
                "{'prompt_tokens':true,'completion_tokens':1} | usage.prompt_tokens: not a whole"
                        + " number",
                "{'prompt_tokens':10,'completion_tokens':5,'prompt_tokens_details':{'cached_tokens':11}}"
                    + " | usage.cached tokens: more than prompt_tokens",
                "{'prompt_tokens':10,'completion_tokens':5,'prompt_tokens_details':{'cached_tokens':6,'cache_write_tokens':5}}"
                    + " | usage.cached tokens: more than prompt_tokens",
                "{'prompt_tokens':10,'completion_tokens':5,'prompt_tokens_details':{'cached_tokens':-4}}"
                    + " | usage.prompt_tokens_details.cached_tokens: -4",
                "{'prompt_tokens':10,'completion_tokens':5,'completion_tokens_details':{'reasoning_tokens':6}}"
                    + " | usage.reasoning_tokens: more than completion_tokens",
                "{'prompt_tokens':10,'completion_tokens':5,'prompt_tokens_details':{'audio_tokens':16}}"
                    + " | usage.audio and image tokens: more than all",
            })
    void leaves_what_cannot_be_to_an_estimate(String json, String anomaly) throws IOException {
        var reading = read(json, true);

        assertThat(reading.usage()).isEmpty();
        assertThat(reading.anomaly()).isEqualTo(anomaly);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = "{'prompt_tokens':10,'total_tokens':10} | 10 0 0 0 0 0 0 0 0")
    void takes_embeddings_without_output(String json, String classes) throws IOException {
        assertThat(read(json, false).usage()).contains(usage(classes));
    }

    private static UsageReading read(String json, boolean produces) throws IOException {
        try (var parser = Json.FACTORY.createParser(json.replace('\'', '"'))) {
            parser.nextToken();
            var fields = new UsageFields();
            fields.read(parser);
            return OpenAiUsage.of(fields, produces);
        }
    }

    private static Usage usage(String classes) {
        var each = Arrays.stream(classes.split(" ", -1)).mapToLong(Long::parseLong).toArray();
        return new Usage(
                each[0], each[1], each[2], each[3], each[4], each[5], each[6], each[7], each[8]);
    }
}
