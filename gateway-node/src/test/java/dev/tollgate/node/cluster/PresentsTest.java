package dev.tollgate.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PresentsTest {

    private static final int HEADER_BYTES = 5;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void what_a_node_has_reads_as_it_was_written(long seed) {
        var presents = presents(seed);

        assertThat(Presents.read(presents.toBytes()))
                .usingRecursiveComparison()
                .isEqualTo(presents);
    }

    @Test
    void nothing_reads_as_nothing() {
        var nothing = new Presents(List.of(), Set.of());

        assertThat(Presents.read(nothing.toBytes())).isEqualTo(nothing);
    }

    @Test
    void what_a_newer_version_added_is_skipped() {
        var presents = presents(7);
        var known = presents.toBytes();
        var newer = new ByteWriter();
        var mark = newer.begin(ValueCodec.VERSION + 1);
        for (var i = HEADER_BYTES; i < known.length; i++) {
            newer.writeByte(known[i]);
        }
        newer.writeText("something new");
        newer.end(mark);

        assertThat(Presents.read(newer.toBytes())).usingRecursiveComparison().isEqualTo(presents);
    }

    private static Presents presents(long seed) {
        var values = new RandomValues(seed);
        return new Presents(
                List.of(
                        new Presents.Present(values.hold(), Optional.empty()),
                        new Presents.Present(values.hold(), Optional.of(values.settle()))),
                Set.copyOf(List.of(values.id(), values.id())));
    }
}
