package dev.tollgate.node.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What W3C Trace Context takes for a `traceparent`, and what it doesn't.
class TraceParentTest {

    private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00-" + TRACE + "-b7ad6b7169203331-01",
                "00-" + TRACE + "-b7ad6b7169203331-00",
            })
    void reads_what_it_writes(String header) {
        assertThat(TraceParent.format(TraceParent.parse(header))).isEqualTo(header);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cc-" + TRACE + "-b7ad6b7169203331-01",
                "cc-" + TRACE + "-b7ad6b7169203331-01-what-comes-later",
            })
    void reads_the_four_fields_of_a_later_version(String header) {
        var span = TraceParent.parse(header);

        assertThat(span.getTraceId()).isEqualTo(TRACE);
        assertThat(span.getSpanId()).isEqualTo("b7ad6b7169203331");
        assertThat(span.isSampled()).isTrue();
        assertThat(span.isRemote()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "00-" + TRACE + "-b7ad6b7169203331",
                "00-" + TRACE + "-b7ad6b7169203331-0",
                "00-" + TRACE + "-b7ad6b7169203331-01-more",
                "ff-" + TRACE + "-b7ad6b7169203331-01",
                "cc-" + TRACE + "-b7ad6b7169203331-01more",
                "0g-" + TRACE + "-b7ad6b7169203331-01",
                "00_" + TRACE + "-b7ad6b7169203331-01",
                "00-" + TRACE + "_b7ad6b7169203331-01",
                "00-" + TRACE + "-b7ad6b7169203331_01",
                "00-" + TRACE + "-b7ad6b7169203331-0x",
                "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                "00-" + TRACE + "-0000000000000000-01",
                "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                "00-" + TRACE + "-B7AD6B7169203331-01",
                "00-" + TRACE + "-b7ad6b716920333é-01",
            })
    void ignores_what_is_malformed(String header) {
        assertThat(TraceParent.parse(header).isValid()).isFalse();
    }
}
