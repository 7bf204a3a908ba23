package dev.tollgate.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.property.Property;
import java.util.List;
import java.util.Random;

class BookPropertyTest {

    private static final int STEPS = 300;

    /// Under repeats, lost, old and reopened books, evictions, late seeds, nodes that die, are cut
    /// off and come back. After every step a backup that was told of changes only is the same.
    @Property(tries = 60)
    void agrees_with_a_model_that_adds_everything_up(long seed) {
        var world = new BookWorld(seed);

        for (var step = 0; step < STEPS; step++) {
            world.step();
        }

        world.endByLosingTheBook();
    }

    /// As long as nothing is lost that had passed it.
    @Property(tries = 12)
    void tells_no_threshold_twice(long seed) {
        var world = new BookWorld(seed, false);

        for (var step = 0; step < STEPS; step++) {
            world.step();
        }

        assertThat(world.alerts.stream().map(BookPropertyTest::threshold).toList())
                .doesNotHaveDuplicates();
    }

    /// As on a backup: the same commands, the same answers.
    @Property(tries = 12)
    void gives_the_same_answers_to_the_same_commands(long seed) {
        var world = new BookWorld(seed);
        for (var step = 0; step < STEPS; step++) {
            world.step();
        }
        var backup = world.startOfCommands();

        var answers = world.commands.stream().map(backup::apply).toList();

        assertThat(answers).isEqualTo(world.results);
        assertThat(backup.status()).isEqualTo(world.book.status());
    }

    @Property(tries = 300)
    void finds_the_largest_output_that_fits(long seed) {
        var random = new Random(seed);
        var counter =
                new Counters(1).draft(new CounterKey(Scene.BUDGET, "", 0), Long.MAX_VALUE, true);
        counter.settle(
                new Amounts(
                        random.nextInt(3),
                        random.nextInt(50),
                        random.nextInt(50),
                        random.nextInt(100)));
        var ceilings =
                new Limits(
                        limit(random, 5),
                        limit(random, 200),
                        limit(random, 200),
                        limit(random, 300),
                        limit(random, 400));
        var charge = Scene.charge(counter.key, ceilings);
        var ask =
                new Ask(
                        random.nextInt(2),
                        random.nextInt(60),
                        random.nextInt(60_000),
                        0,
                        500,
                        1 + random.nextInt(4),
                        random.nextInt(3_000));

        var largest = Room.NONE;
        for (var output = 0; output <= 500; output++) {
            largest = Room.lacking(ask.amounts(output), charge, counter) == null ? output : largest;
        }

        assertThat(Math.min(500, Room.output(ask, charge, counter))).isEqualTo(largest);
    }

    private static long limit(Random random, int most) {
        return random.nextInt(3) == 0 ? Limits.NONE_SET : random.nextInt(most);
    }

    private static Object threshold(OutboxEntry.Crossing crossing) {
        return List.of(
                crossing.counter(), crossing.measure(), crossing.perMille(), crossing.limit());
    }
}
