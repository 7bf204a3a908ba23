package dev.tollgate.node.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.catalogue.Model;
import dev.tollgate.tokens.Usage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BuiltInCatalogueTest {

    private final BuiltInCatalogue catalogue = BuiltInCatalogue.load();

    @ParameterizedTest
    @CsvSource({
        // type, model, uncached, read, write 5 m, write 1 h, output -> pico-USD for one token of
        // each
        "openai, gpt-4o-mini, 150000, 75000, 150000, 150000, 600000",
        "openai, gpt-5.6-terra, 2000000, 200000, 2500000, 2500000, 12000000",
        "anthropic, claude-haiku-4-5, 1000000, 100000, 1250000, 2000000, 5000000",
        "anthropic, claude-opus-5-5, 4000000, 200000, 5000000, 8000000, 20000000",
    })
    void knows_list_prices(
            String type,
            String name,
            long input,
            long read,
            long write5m,
            long write1h,
            long output) {
        var price = model(type, name).price().orElseThrow();

        assertThat(price.uncachedInputPico()).isEqualTo(input);
        assertThat(price.cacheReadPico()).isEqualTo(read);
        assertThat(price.cacheWrite5mPico()).isEqualTo(write5m);
        assertThat(price.cacheWrite1hPico()).isEqualTo(write1h);
        assertThat(price.outputPico()).isEqualTo(output);
    }

    @Test
    void long_prompts_of_haiku_cost_five_times_as_much() {
        var price = model("anthropic", "claude-haiku-5-5").price().orElseThrow();

        assertThat(price.cost(Usage.of(100_000, 0)).toUsd()).isEqualTo("0.01");
        assertThat(price.cost(Usage.of(100_001, 0)).nanoUsd()).isEqualTo(50_000_500);
    }

    @Test
    void the_sandbox_is_free() {
        var price = model("sandbox", "sandbox/echo").price().orElseThrow();

        assertThat(price.cost(Usage.of(1_000_000, 1_000_000)).nanoUsd()).isZero();
    }

    private Model model(String type, String name) {
        return catalogue.models(type).stream()
                .filter(model -> model.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
