package dev.tollgate.loadtest.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.loadtest.check.BillReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BillLineTest {

    @ParameterizedTest
    @CsvSource({
        // model, uncached, read, write 5m, write 1h, output, reasoning, pico-USD, nano-USD
        "gpt-4o, 1000000, 0, 0, 0, 0, 0, 2500000000000, 2500000000",
        "gpt-4o, 0, 1000000, 0, 0, 0, 0, 1250000000000, 1250000000",
        "gpt-4o-mini, 7, 3, 0, 0, 11, 5, 7875000, 7875",
        "gpt-5-nano, 1, 1, 0, 0, 1, 0, 455000, 455",
        "text-embedding-3-small, 3, 0, 0, 0, 0, 0, 60000, 60",
        "claude-haiku-4-5, 10, 100, 20, 30, 40, 0, 305000000, 305000",
        "claude-sonnet-4-5-20250929, 1, 1, 1, 1, 1, 0, 28050000, 28050",
        "claude-opus-5, 0, 0, 0, 0, 1000000, 0, 25000000000000, 25000000000",
        "gpt-6-sol, 1, 10, 100, 0, 2, 0, 274000000, 274000",
        "gpt-4o-2024-08-06, 1, 0, 0, 0, 0, 0, 2500000, 2500",
    })
    void costs_tokens_times_price(
            String model,
            long uncached,
            long read,
            long write5m,
            long write1h,
            long output,
            long reasoning,
            long pico,
            long nano) {
        var tokens = new TokenClasses(uncached, read, write5m, write1h, output, reasoning);

        var line = line(model, tokens, ProviderPrice.of(model).orElseThrow().picoUsd(tokens));

        assertThat(line.costPicoUsd()).isEqualTo(pico);
        assertThat(line.costNanoUsd()).isEqualTo(nano);
    }

    @ParameterizedTest
    @CsvSource({"0,0", "1,1", "999,1", "1000,1", "1001,2"})
    void rounds_up_once_per_call(long pico, long nano) {
        assertThat(line("gpt-4o", TokenClasses.NONE, pico).costNanoUsd()).isEqualTo(nano);
    }

    @Test
    void knows_no_price_for_what_it_does_not_sell() {
        assertThat(ProviderPrice.of("llama-3")).isEmpty();
    }

    @Test
    void reads_back_as_it_was_written() {
        var line = line("gpt-4o \"x\"", new TokenClasses(1, 2, 3, 4, 5, 6), 77);

        assertThat(BillReader.read(line.toJson() + "\n\n")).containsExactly(line);
    }

    private static BillLine line(String model, TokenClasses tokens, long pico) {
        return new BillLine(
                1,
                "g-1",
                "req_1",
                Dialect.OPENAI,
                "/v1/chat/completions",
                model,
                tokens,
                pico,
                BillLine.Outcome.COMPLETE,
                true);
    }
}
