package dev.tollgate.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {

    @ParameterizedTest
    @CsvSource({
        "*, '', true",
        "*, gpt-5, true",
        "gpt-5, gpt-5, true",
        "gpt-5, gpt-5-mini, false",
        "gpt-5, GPT-5, false",
        "gpt-*, gpt-, true",
        "gpt-*, gpt-5/a, true",
        "gpt-*, o-gpt-5, false",
        "*opus*, claude-opus-4, true",
        "*opus*, opus, true",
        "*opus*, claude-sonnet-4, false",
        "*-mini, gpt-5-mini, true",
        "*-mini, gpt-5-minis, false",
        "a*b*c, a-b-b-c, true",
        "a*b*c, acb, false",
        "ab*ba, aba, false",
        "ab*ba, abba, true",
        "a**b, ab, true",
        "a.c, abc, false",
    })
    void matches_any_text_for_a_star_and_itself_for_the_rest(
            String pattern, String text, boolean expected) {
        assertThat(Glob.of(pattern).matches(text)).isEqualTo(expected);
    }

    @Test
    void matches_when_one_of_several_does() {
        var globs = Glob.all(List.of("gpt-*", "o3"));

        assertThat(Glob.anyMatches(globs, "o3")).isTrue();
        assertThat(Glob.anyMatches(globs, "o4")).isFalse();
        assertThat(Glob.anyMatches(List.of(), "o3")).isFalse();
    }

    @Test
    void takes_no_long_time_over_many_stars() {
        assertThat(Glob.of("*a".repeat(200) + "*b").matches("a".repeat(20_000))).isFalse();
    }
}
