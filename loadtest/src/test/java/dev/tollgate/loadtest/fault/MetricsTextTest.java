package dev.tollgate.loadtest.fault;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MetricsTextTest {

    private static final String TEXT =
            """
            # HELP held Holds.
            # TYPE held gauge
            held 3.0
            held_long 7.0
            calls_total{dialect="openai",model="a b"} 2.0
            calls_total{dialect="anthropic",model="c"} 5.0
            """;

    @Test
    void reads_a_metric_without_labels_and_none_that_only_begins_so() {
        assertThat(MetricsText.sum(TEXT, "held")).isEqualTo(3);
    }

    @Test
    void adds_up_all_labels() {
        assertThat(MetricsText.sum(TEXT, "calls_total")).isEqualTo(7);
    }

    @Test
    void says_when_there_is_none() {
        assertThat(MetricsText.sum(TEXT, "absent")).isNaN();
    }
}
