package dev.tollgate.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.Ask;
import dev.tollgate.budget.BudgetCharge;
import dev.tollgate.budget.Command;
import dev.tollgate.budget.Command.Open.Present;
import dev.tollgate.budget.CounterKey;
import dev.tollgate.budget.Limits;
import dev.tollgate.budget.Measure;
import dev.tollgate.budget.Standing;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Commands and results as the first version wrote them: journals and older members have them.
class FirstFormsTest {

    private static final UUID ID = new UUID(1, 2);
    private static final UUID INCARNATION = new UUID(3, 4);
    private static final Amounts AMOUNTS = new Amounts(1, 2, 3, 4);
    private static final CounterKey COUNTER = new CounterKey(new UUID(5, 6), "u", 3600);
    private static final Limits LIMITS =
            new Limits(9, Limits.NONE_SET, Limits.NONE_SET, Limits.NONE_SET, Limits.NONE_SET);
    private static final BudgetCharge CHARGE =
            new BudgetCharge(
                    COUNTER, "b", 7200, LIMITS, Limits.UNLIMITED, 2, List.of(800), "reject", true);
    private static final Command.Hold HOLD =
            new Command.Hold(
                    ID,
                    INCARNATION,
                    1,
                    2,
                    3,
                    new Ask(1, 10, 20, 5, 6, 1, 7, false),
                    List.of(CHARGE),
                    new byte[] {65},
                    List.of(INCARNATION));
    private static final Standing STANDING =
            new Standing(COUNTER, "b", LIMITS, AMOUNTS, Amounts.NONE, 7200);

    @ParameterizedTest
    @MethodSource("commands")
    void reads_the_first_form_of_a_command(Command command, String hex) {
        var read = BookCodec.readCommand(reader(hex));

        assertThat(read).usingRecursiveComparison().isEqualTo(command);
    }

    @ParameterizedTest
    @MethodSource("results")
    void reads_the_first_form_of_a_result(Command.Result result, String hex) {
        assertThat(BookCodec.readResult(reader(hex))).isEqualTo(result);
    }

    private static ByteReader reader(String hex) {
        return new ByteReader(HexFormat.of().parseHex(hex.replace("\n", "")));
    }

    static Stream<Arguments> commands() {
        return Stream.of(
                Arguments.of(
                        HOLD,
                        """
                        01010000007f0000000000000001000000000000000200000000000000030000000000
                        00000402040601000000080214280a0c020e0002010000003601000000140000000000
                        00000500000000000000060275a0380262c070010000000201120100000001000402c0
                        0c0c72656a6563740102410200000000000000030000000000000004
                        """),
                Arguments.of(
                        new Command.Checkpoint(ID, 1, AMOUNTS),
                        """
                        02010000001a0000000000000001000000000000000202010000000402040608
                        """),
                Arguments.of(
                        new Command.Settle(
                                ID, 1, 3, AMOUNTS, new byte[] {66}, List.of(INCARNATION)),
                        """
                        03010000002e0000000000000001000000000000000202060100000004020406080242
                        0200000000000000030000000000000004
                        """),
                Arguments.of(
                        new Command.Charge(
                                ID,
                                INCARNATION,
                                1,
                                2,
                                3,
                                List.of(CHARGE),
                                new byte[] {67},
                                List.of()),
                        """
                        0401000000620000000000000001000000000000000200000000000000030000000000
                        0000040204060201000000360100000014000000000000000500000000000000060275
                        a0380262c070010000000201120100000001000402c00c0c72656a65637401024300
                        """),
                Arguments.of(
                        new Command.Seed(
                                1, 2, 3, List.of(new Command.Seed.Seeded(COUNTER, 7200, AMOUNTS))),
                        """
                        05010000002d0204060201000000240100000014000000000000000500000000000000
                        060275a038c070010000000402040608
                        """),
                Arguments.of(
                        new Command.Booked(1, 2, 3),
                        """
                        060100000003020406
                        """),
                Arguments.of(
                        new Command.Open(
                                1,
                                2,
                                3,
                                4,
                                List.of(),
                                List.of(HOLD),
                                List.of(
                                        new Present(
                                                ID,
                                                new UUID(0, 0),
                                                List.of(CHARGE),
                                                AMOUNTS,
                                                new byte[] {68})),
                                List.of(),
                                true,
                                true),
                        """
                        0701000000e8020406080201010000007f000000000000000100000000000000020000
                        000000000003000000000000000402040601000000080214280a0c020e000201000000
                        360100000014000000000000000500000000000000060275a0380262c0700100000002
                        01120100000001000402c00c0c72656a65637401024102000000000000000300000000
                        0000000402010000005700000000000000010000000000000002020100000036010000
                        0014000000000000000500000000000000060275a0380262c070010000000201120100
                        000001000402c00c0c72656a65637401010000000402040608024401
                        """),
                Arguments.of(
                        new Command.Orphan(INCARNATION, 1, 3),
                        """
                        080100000012000000000000000300000000000000040206
                        """),
                Arguments.of(
                        new Command.Configure(1, 2),
                        """
                        0901000000020204
                        """));
    }

    static Stream<Arguments> results() {
        return Stream.of(
                Arguments.of(
                        new Command.Held(ID, 6, AMOUNTS, List.of(STANDING)),
                        """
                        010100000056000000000000000100000000000000020c010000000402040608020100
                        0000360100000014000000000000000500000000000000060275a03802620100000002
                        0112010000000402040608010000000400000000c070
                        """),
                Arguments.of(
                        new Command.Exhausted(STANDING, Measure.COST_USD, 1, 2, "reject", true),
                        """
                        02010000004601000000360100000014000000000000000500000000000000060275a0
                        38026201000000020112010000000402040608010000000400000000c0700402040c72
                        656a65637401
                        """),
                Arguments.of(
                        new Command.Crowded("b", "u", 2),
                        """
                        0301000000050262027504
                        """),
                Arguments.of(
                        new Command.Stale(2),
                        """
                        04010000000104
                        """),
                Arguments.of(
                        new Command.Unseeded(List.of(COUNTER)),
                        """
                        05010000001a020100000014000000000000000500000000000000060275a038
                        """),
                Arguments.of(
                        new Command.Full("counters"),
                        """
                        06010000000910636f756e74657273
                        """),
                Arguments.of(
                        new Command.Checkpointed(),
                        """
                        070100000000
                        """),
                Arguments.of(
                        new Command.Settled(1, true, List.of(STANDING)),
                        """
                        08010000003e0201020100000036010000001400000000000000050000000000000006
                        0275a038026201000000020112010000000402040608010000000400000000c070
                        """),
                Arguments.of(
                        new Command.SeedTaken(true),
                        """
                        09010000000101
                        """),
                Arguments.of(
                        new Command.BookedIds(List.of(ID)),
                        """
                        0a01000000110200000000000000010000000000000002
                        """),
                Arguments.of(
                        new Command.Opened(2),
                        """
                        0b010000000104
                        """),
                Arguments.of(
                        new Command.Orphaned(1),
                        """
                        0c010000000102
                        """),
                Arguments.of(
                        new Command.Configured(2),
                        """
                        0d010000000104
                        """),
                Arguments.of(
                        new Command.NotOpen(),
                        """
                        0e0100000000
                        """),
                Arguments.of(
                        new Command.OldTerm(3),
                        """
                        0f010000000106
                        """),
                Arguments.of(
                        new Command.Closed(),
                        """
                        100100000000
                        """));
    }
}
