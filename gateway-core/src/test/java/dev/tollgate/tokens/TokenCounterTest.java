package dev.tollgate.tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TokenCounterTest {

    private static final TokenCounter COUNTER = new TokenCounter();

    @ParameterizedTest
    @CsvSource({
        "o200k_base, hello world, 2",
        "cl100k_base, hello world, 2",
        "cl100k_base, antidisestablishmentarianism, 6",
        "o200k_base, '', 0",
        "an_encoding_of_tomorrow, hello world, 2",
    })
    void counts_as_the_encoding_does(String encoding, String text, long tokens) {
        assertThat(COUNTER.count(encoding, text)).isEqualTo(tokens);
    }

    @Test
    void counts_utf_8_bytes_as_their_text() {
        var text = "größer als 𝄞";

        var ofBytes = COUNTER.count("o200k_base", text.getBytes(StandardCharsets.UTF_8));

        assertThat(ofBytes).isEqualTo(COUNTER.count("o200k_base", text)).isPositive();
    }

    @Test
    void takes_text_that_looks_like_a_special_token_as_text() {
        assertThat(COUNTER.count("o200k_base", "<|endoftext|>")).isGreaterThan(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "A", "7", " ", "\n", "-", "é", "漢", "😀", "ab", "x ", "\u0000"})
    void counts_a_megabyte_of_anything_in_bounded_time(String unit) {
        COUNTER.preload();
        var bytes = unit.getBytes(StandardCharsets.UTF_8).length;
        var text = unit.repeat(1_000_000 / bytes);

        var tokens = assertTimeout(Duration.ofSeconds(5), () -> COUNTER.count("o200k_base", text));

        assertThat(tokens).isPositive().isLessThanOrEqualTo(1_000_000L);
    }

    @Test
    void hardly_counts_cuts_of_long_prose() {
        var sentence = "The quick brown fox jumps over the lazy dog, and then it sleeps.";
        var one = COUNTER.count("o200k_base", " " + sentence);

        var many = COUNTER.count("o200k_base", (" " + sentence).repeat(1_000));

        assertThat(many).isBetween(one * 1_000, one * 1_000 + 100);
    }

    @Test
    void does_not_cut_surrogate_pairs() {
        var pair = COUNTER.count("o200k_base", "😀");

        var run = COUNTER.count("o200k_base", "a" + "😀".repeat(2_000));

        assertThat(run).isLessThanOrEqualTo(pair * 2_000 + 1);
    }

    @ParameterizedTest
    @CsvSource({
        "gpt-4o-mini, o200k_base",
        "gpt-4.1-nano, o200k_base",
        "gpt-4.5-preview, o200k_base",
        "gpt-5.2, o200k_base",
        "o1, o200k_base",
        "o3-pro, o200k_base",
        "o4-mini, o200k_base",
        "chatgpt-4o-latest, o200k_base",
        "gpt-4, cl100k_base",
        "gpt-4-turbo, cl100k_base",
        "gpt-3.5-turbo, cl100k_base",
        "text-embedding-3-small, cl100k_base",
        "text-embedding-ada-002, cl100k_base",
        "gpt-oss-120b, o200k_base",
        "claude-opus-4-5, o200k_base",
        "llama3.3, o200k_base",
        "openai/gpt-4-turbo, cl100k_base",
        "'', o200k_base",
    })
    void knows_the_encoding_of_a_model_by_its_name(String model, String encoding) {
        assertThat(Tokenizers.encodingOf(model)).isEqualTo(encoding);
    }
}
