package dev.tollgate.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.budget.Command;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpeningTest {

    private final RandomValues values = new RandomValues(3);
    private final List<UUID> members = List.of(values.id(), values.id());
    private final Opening opening = new Opening(7, 4, 9, 1234, members);

    @Test
    void a_book_nobody_has_anything_of_is_opened_by_one_command() {
        var commands = opening.commands(List.of(), Set.of());

        assertThat(commands)
                .containsExactly(
                        new Command.Open(
                                7, 4, 9, 1234, members, List.of(), List.of(), List.of(), true,
                                true));
    }

    @ParameterizedTest
    @CsvSource({"1,0,0,1", "250,250,250,1", "251,0,0,2", "0,600,0,3", "10,0,1001,5"})
    void what_is_brought_comes_in_parts_each_once(int holds, int settled, int gone, int parts) {
        var presents = new ArrayList<Presents.Present>();
        for (var i = 0; i < holds; i++) {
            presents.add(new Presents.Present(values.hold(), Optional.empty()));
        }
        for (var i = 0; i < settled; i++) {
            presents.add(new Presents.Present(values.hold(), Optional.of(values.settle())));
        }
        var known = Stream.generate(values::id).limit(gone).toList();

        var opens =
                opening.commands(presents, Set.copyOf(known)).stream()
                        .map(Command.Open.class::cast)
                        .toList();

        assertThat(opens).hasSize(parts);
        assertThat(opens)
                .allSatisfy(open -> {
                    assertThat(open.holds()).hasSizeLessThanOrEqualTo(Command.ITEMS_MAX);
                    assertThat(open.term()).isEqualTo(7);
                    assertThat(open.epoch()).isEqualTo(4);
                    assertThat(open.members()).isEqualTo(members);
                });
        assertThat(opens.stream().filter(Command.Open::first)).containsExactly(opens.getFirst());
        assertThat(opens.stream().filter(Command.Open::last)).containsExactly(opens.getLast());
        assertThat(opens.stream().flatMap(open -> open.holds().stream().map(Command.Hold::id)))
                .containsExactlyElementsOf(idsOf(presents, false));
        assertThat(
                        opens.stream()
                                .flatMap(open ->
                                        open.entries().stream().map(Command.Open.Present::id)))
                .containsExactlyElementsOf(idsOf(presents, true));
        assertThat(opens.stream().flatMap(open -> open.gone().stream()))
                .containsExactlyInAnyOrderElementsOf(known);
    }

    @Test
    void a_hold_the_ledger_has_is_gone_and_a_settlement_is_brought_all_the_same() {
        var booked = values.hold();
        var settled = values.hold();
        var settle = values.settle();
        var presents =
                List.of(
                        new Presents.Present(booked, Optional.empty()),
                        new Presents.Present(settled, Optional.of(settle)));

        var open =
                (Command.Open)
                        opening.commands(presents, Set.of(booked.id(), settled.id())).getFirst();

        assertThat(open.holds()).isEmpty();
        assertThat(open.gone()).containsExactlyInAnyOrder(booked.id(), settled.id());
        var entry = open.entries().getFirst();
        assertThat(entry.id()).isEqualTo(settled.id());
        assertThat(entry.incarnation()).isEqualTo(settled.incarnation());
        assertThat(entry.used()).isEqualTo(settle.used());
        assertThat(entry.charges()).isEqualTo(settled.charges());
    }

    @Test
    void a_row_is_what_is_known_of_the_hold_and_of_the_settlement() {
        assertThat(row("\"a\":1", "\"b\":2")).isEqualTo("{\"a\":1,\"b\":2}");
        assertThat(row("\"a\":1", "")).isEqualTo("{\"a\":1}");
        assertThat(row("", "\"b\":2")).isEqualTo("{\"b\":2}");
        assertThat(row("", "")).isEqualTo("{}");
    }

    private static String row(String facts, String outcome) {
        return new String(
                Rows.joined(
                        facts.getBytes(StandardCharsets.US_ASCII),
                        outcome.getBytes(StandardCharsets.US_ASCII)),
                StandardCharsets.US_ASCII);
    }

    private static List<UUID> idsOf(List<Presents.Present> presents, boolean settled) {
        return presents.stream()
                .filter(present -> present.settle().isPresent() == settled)
                .map(present -> present.hold().id())
                .toList();
    }
}
