package dev.tollgate.price;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.tokens.Usage;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PriceTest {

    @ParameterizedTest
    @CsvSource({
        // uncached, read, write 5 m, write 1 h, output -> nano-USD
        "1000, 0, 0, 0, 0, 3000000",
        "0, 1000, 0, 0, 0, 300000",
        "0, 0, 1000, 0, 0, 3750000",
        "0, 0, 0, 1000, 0, 6000000",
        "0, 0, 0, 0, 1000, 15000000",
        "1, 1, 1, 1, 1, 28050",
    })
    void prices_every_class_on_its_own(
            long uncached, long read, long write5m, long write1h, long output, long nanoUsd) {
        var price = new Price("v", 3_000_000, 300_000, 3_750_000, 6_000_000, 15_000_000, 0);
        var usage = new Usage(uncached, read, write5m, write1h, output, 0, 0, 0, 0);

        assertThat(price.cost(usage).nanoUsd()).isEqualTo(nanoUsd);
    }

    @Test
    void rounds_up_once_for_the_whole_attempt() {
        var price = new Price("v", 1, 1, 1, 1, 1, 0);

        assertThat(price.cost(new Usage(1, 1, 1, 1, 1, 0, 0, 0, 0)).nanoUsd()).isEqualTo(1);
        assertThat(price.cost(Usage.of(500, 500)).nanoUsd()).isEqualTo(1);
        assertThat(price.cost(Usage.of(500, 501)).nanoUsd()).isEqualTo(2);
    }

    @Test
    void a_long_prompt_costs_more_on_every_token() {
        var price =
                new Price(
                        "v",
                        100,
                        10,
                        125,
                        200,
                        500,
                        0,
                        Optional.of(
                                new Price.LongPrompt(
                                        100_000, new Price("v", 500, 50, 625, 1000, 2500, 0))),
                        Map.of());

        assertThat(price.cost(Usage.of(100_000, 1000)).nanoUsd()).isEqualTo(10_500);
        assertThat(price.cost(Usage.of(100_001, 1000)).nanoUsd()).isEqualTo(52_501);
        assertThat(price.inputPicoMax(100_000)).isEqualTo(200);
        assertThat(price.outputPicoMax(100_001)).isEqualTo(2500);
    }

    @Test
    void the_tier_that_answered_sets_the_price() {
        var price =
                new Price(
                        "v",
                        1000,
                        0,
                        0,
                        0,
                        0,
                        0,
                        Optional.empty(),
                        Map.of("flex", 500, "priority", 2000));

        assertThat(price.cost(Usage.of(10, 0), "flex").nanoUsd()).isEqualTo(5);
        assertThat(price.cost(Usage.of(10, 0), "priority").nanoUsd()).isEqualTo(20);
        assertThat(price.cost(Usage.of(10, 0), "default").nanoUsd()).isEqualTo(10);
    }

    @Test
    void saturates_instead_of_overflowing() {
        var price = new Price("v", Long.MAX_VALUE / 2, 0, 0, 0, 0, 0);

        assertThat(price.cost(Usage.of(1000, 0)).nanoUsd()).isPositive();
    }

    @ParameterizedTest
    @CsvSource({"5.00, 5000000000", "0.000000001, 1", "12, 12000000000", "0.1, 100000000"})
    void reads_dollars(String usd, long nanoUsd) {
        assertThat(Money.parseUsd(usd).nanoUsd()).isEqualTo(nanoUsd);
    }

    @Test
    void refuses_fractions_of_a_nano_dollar() {
        assertThatThrownBy(() -> Money.parseUsd("0.0000000001"))
                .isInstanceOf(ArithmeticException.class);
    }

    @ParameterizedTest
    @CsvSource({"5000000000, 5.00", "1, 0.000000001", "1500000000, 1.50", "0, 0.00"})
    void writes_dollars(long nanoUsd, String usd) {
        assertThat(new Money(nanoUsd).toUsd()).isEqualTo(usd);
    }
}
