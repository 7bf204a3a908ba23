package dev.tollgate.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.property.Property;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/// What the lease promises, on simulated nodes. [LeaseWorld] checks in each of its steps that no
/// two act in terms that exclude each other.
class LeasePropertyTest {

    private static final Duration STABLE = Duration.ofSeconds(20);

    /// Shorter than the real one, so that a run sees both ends of it.
    private static final Duration VOUCHES_FOR = Duration.ofSeconds(8);

    @Property(tries = 300)
    void whatever_happens_terms_exclude_each_other_and_in_the_end_all_act(long seed) {
        var world = new LeaseWorld(new Random(seed), VOUCHES_FOR);
        world.startAll(1 + world.random.nextInt(4));

        for (var i = 0; i < 25; i++) {
            disturb(world);
            world.run(Duration.ofMillis(world.random.nextInt(4_000)));
        }

        world.heal();
        world.disturbed = 0;
        world.nodes.forEach(node -> {
            if (node.isThere() && !node.runs()) {
                node.wake();
            }
        });
        world.start();
        world.run(Duration.ofSeconds(12).plus(VOUCHES_FOR));
        var _ = world.awaitAllAct(Duration.ofSeconds(10));
        staysSo(world, Duration.ofSeconds(10));
    }

    private static void disturb(LeaseWorld world) {
        var random = world.random;
        var one = world.nodes.get(random.nextInt(world.nodes.size()));
        var other = world.nodes.get(random.nextInt(world.nodes.size()));
        switch (random.nextInt(16)) {
            case 0 -> one.kill();
            case 1, 2 -> {
                if (world.nodes.size() < 12) {
                    world.start();
                }
            }
            case 3, 4 -> one.pause();
            case 5, 6, 7 ->
                    world.nodes.stream()
                            .filter(node -> !node.runs())
                            .forEach(node -> {
                                if (node.isThere()) {
                                    node.wake();
                                }
                            });
            case 8 -> isolate(world, one);
            case 9 -> {
                if (one != other) {
                    world.cut(one, other);
                }
            }
            case 10 -> one.reachesPostgres = !one.reachesPostgres;
            case 11 -> world.postgresUp = !world.postgresUp;
            case 12 -> world.disturbed = random.nextInt(3) * 10;
            case 13 -> {
                if (one.isThere() && world.running().size() > 1) {
                    one.leave();
                }
            }
            case 14 -> one.outdated(world.table.term());
            default -> world.heal();
        }
    }

    private static void isolate(LeaseWorld world, LeaseWorld.Node one) {
        world.nodes.stream().filter(node -> node != one).forEach(node -> world.cut(one, node));
    }

    private static void staysSo(LeaseWorld world, Duration time) {
        for (var until = world.now() + time.toNanos(); world.now() < until; ) {
            world.run(Duration.ofMillis(5));
            assertThat(world.allAct()).as(world::toString).isTrue();
        }
    }

    @Property(tries = 20)
    void after_a_node_is_killed_the_others_act_again_within_five_seconds(long seed) {
        var world = stable(seed, 2);
        var victim = world.running().get(world.random.nextInt(world.running().size()));
        world.run(Duration.ofMillis(world.random.nextInt(2_000)));

        victim.kill();

        var began = world.now();
        while (!isDone(world, victim)) {
            world.run(Duration.ofMillis(5));
            assertThat(Duration.ofNanos(world.now() - began))
                    .as(world::toString)
                    .isLessThan(Duration.ofSeconds(5));
        }
    }

    /// The victim is out of the term in which all others act.
    private static boolean isDone(LeaseWorld world, LeaseWorld.Node victim) {
        return world.allAct()
                && world.running().stream()
                        .allMatch(node ->
                                node.acting().stream()
                                        .noneMatch(
                                                it -> it.members().contains(victim.incarnation)));
    }

    @Property(tries = 20)
    void a_node_that_leaves_is_not_waited_for(long seed) {
        var world = stable(seed, 2);
        var leaver = world.running().get(world.random.nextInt(world.running().size()));

        leaver.leave();

        world.run(Duration.ofMillis(200));
        assertThat(leaver.runs()).isFalse();
        assertThat(world.awaitAllAct(Duration.ofSeconds(3))).isLessThan(Duration.ofMillis(1_200));
        world.run(Duration.ofSeconds(2));
        staysSo(world, Duration.ofSeconds(5));
    }

    @Property(tries = 20)
    void all_go_on_while_postgres_is_away(long seed) {
        var world = stable(seed, 1);

        world.postgresUp = false;

        staysSo(world, Duration.ofSeconds(30));
        world.postgresUp = true;
        world.run(Duration.ofMillis(2_500));
        staysSo(world, Duration.ofSeconds(5));
    }

    @Property(tries = 20)
    void a_node_that_boots_apart_waits_even_after_an_outage(long seed) {
        var world = stable(seed, 2);
        var term = world.table.term();

        var apart = world.start();
        isolate(world, apart);
        world.run(Duration.ofSeconds(5));
        world.postgresUp = false;
        world.run(Duration.ofSeconds(10));
        world.postgresUp = true;
        world.run(Duration.ofSeconds(5));

        assertThat(apart.acting()).isEmpty();
        assertThat(world.table.term()).isEqualTo(term);
    }

    @Property(tries = 20)
    void a_lone_holder_gives_way_to_the_others(long seed) {
        var world = stable(seed, 3);
        var holder =
                world.running().stream()
                        .filter(node -> node.incarnation.equals(world.table.holder()))
                        .findFirst()
                        .orElseThrow();

        isolate(world, holder);
        world.run(Duration.ofSeconds(12));

        var others = world.running().stream().filter(node -> node != holder).toList();
        assertThat(holder.acting()).isEmpty();
        assertThat(others).as(world::toString).allMatch(node -> node.acting().isPresent());
    }

    @Property(tries = 20)
    void what_is_left_of_a_cluster_goes_on(long seed) {
        var world = stable(seed, 3);
        var survivor = world.running().get(world.random.nextInt(world.running().size()));

        List.copyOf(world.running())
                .forEach(node -> {
                    if (node != survivor) {
                        node.kill();
                    }
                });

        world.run(Duration.ofSeconds(2));
        assertThat(world.awaitAllAct(Duration.ofSeconds(10))).isLessThan(Duration.ofSeconds(8));
    }

    private static LeaseWorld stable(long seed, int least) {
        var world = new LeaseWorld(new Random(seed));
        world.startAll(least + world.random.nextInt(3));
        world.run(STABLE);
        assertThat(world.allAct()).as(world::toString).isTrue();
        return world;
    }
}
