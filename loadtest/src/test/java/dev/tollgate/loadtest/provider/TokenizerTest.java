package dev.tollgate.loadtest.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerTest {

    private static final String PROSE = Words.text(new SplittableRandom(3), 40_000);

    @ParameterizedTest
    @ValueSource(doubles = {0.7, 1.0, 1.3, 1.6})
    void makes_as_many_tokens_as_its_ratio_says(double ratio) {
        var tokens = Tokenizer.of("any", 1, ratio).count(PROSE);

        assertThat(tokens / (PROSE.length() / 4.8)).isCloseTo(ratio, within(0.05));
    }

    @Test
    void every_model_has_a_ratio_of_its_own_that_stays() {
        var ratios =
                IntStream.range(0, 50)
                        .mapToObj(i -> Tokenizer.of("model-" + i, 9).ratio())
                        .toList();

        assertThat(ratios).allMatch(ratio -> ratio >= 0.7 && ratio <= 1.6);
        assertThat(ratios.stream().distinct().count()).isGreaterThan(20);
        assertThat(Tokenizer.of("model-7", 9).ratio()).isEqualTo(ratios.get(7));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "déjà vu", "漢字かな交じり文", "😀😀😀 and text", "\ud83d"})
    void never_makes_more_tokens_than_bytes_nor_splits_a_character(String text) {
        var tokenizer = Tokenizer.of("any", 5, 1.6);
        var pieces = tokenizer.split(text, Long.MAX_VALUE);

        assertThat(String.join("", pieces)).isEqualTo(text);
        assertThat(pieces).hasSize((int) tokenizer.count(text));
        assertThat(pieces.size()).isLessThanOrEqualTo(text.getBytes(StandardCharsets.UTF_8).length);
        assertThat(pieces)
                .noneMatch(piece ->
                        piece.length() > 1
                                && Character.isHighSurrogate(piece.charAt(piece.length() - 1)));
    }

    @Test
    void what_is_cut_counts_what_it_was_cut_to() {
        var random = new SplittableRandom(11);
        for (int i = 0; i < 200; i++) {
            var tokenizer = Tokenizer.of("m" + i, i);
            var max = random.nextInt(1, 300);
            var cut = String.join("", tokenizer.split(PROSE, max));

            assertThat(tokenizer.count(cut)).as("model m%d cut at %d", i, max).isEqualTo(max);
        }
    }

    @Test
    void refuses_a_ratio_that_would_break_its_bounds() {
        assertThatThrownBy(() -> Tokenizer.of("any", 1, 0.1))
                .hasMessage("ratio: 0.1 (expected: 0.6 to 4)");
    }
}
