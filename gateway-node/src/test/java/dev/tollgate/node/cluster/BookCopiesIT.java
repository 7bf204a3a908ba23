package dev.tollgate.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.hazelcast.config.Config;
import com.hazelcast.config.InMemoryFormat;
import com.hazelcast.config.MapConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import dev.tollgate.budget.Amounts;
import dev.tollgate.budget.Answers;
import dev.tollgate.budget.Book;
import dev.tollgate.budget.Command;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Books on two members: what is applied at the primary is on the backup, and moves whole.
class BookCopiesIT {

    private static final int ORGANIZATIONS = 20;

    private final RandomValues values = new RandomValues(11);
    private final String cluster = UUID.randomUUID().toString();
    private final List<HazelcastInstance> members = new ArrayList<>();

    @BeforeEach
    void start() {
        join();
        join();
    }

    private void join() {
        members.add(Hazelcast.newHazelcastInstance(config()));
        assertThat(members.getLast().getCluster().getMembers()).hasSize(members.size());
    }

    @AfterEach
    void stop() {
        members.forEach(member -> member.getLifecycleService().terminate());
    }

    @Test
    void a_backup_goes_on_as_the_primary_was() throws Exception {
        for (var number = 0; number < ORGANIZATIONS; number++) {
            fill("o" + number);
        }
        var before = new ArrayList<String>();
        for (var number = 0; number < ORGANIZATIONS; number++) {
            before.add(image("o" + number));
        }

        terminate(members.removeLast());

        for (var number = 0; number < ORGANIZATIONS; number++) {
            assertThat(image("o" + number)).isEqualTo(before.get(number));
            var answers = apply("o" + number, new Command.Configure(1, 9));
            assertThat(answers.results()).containsExactly(new Command.Configured(9));
        }
    }

    @Test
    void a_book_moves_whole_to_a_member_that_joins() throws Exception {
        for (var number = 0; number < ORGANIZATIONS; number++) {
            fill("o" + number);
        }
        var before = new ArrayList<String>();
        for (var number = 0; number < ORGANIZATIONS; number++) {
            before.add(image("o" + number));
        }
        join();
        assertThat(
                        members.getFirst()
                                .getPartitionService()
                                .forceLocalMemberToBeSafe(30, TimeUnit.SECONDS))
                .isTrue();

        terminate(members.removeFirst());

        for (var number = 0; number < ORGANIZATIONS; number++) {
            assertThat(image("o" + number)).isEqualTo(before.get(number));
        }
    }

    @Test
    void only_an_opening_makes_a_book() throws Exception {
        assertThat(apply("nobody", new Command.Configure(1, 2)))
                .isEqualTo(new Answers(0, 0, 0, List.of(new Command.NotOpen())));
        assertThat(members.getFirst().getMap("books").containsKey("nobody")).isFalse();
    }

    /// The entry of a map that cannot be changed refuses to be set.
    @Test
    void a_refusal_sets_nothing_and_needs_no_backup() {
        var book = new Book();
        book.apply(new Command.Open(1, 1, 1, 0, List.of(), List.of()));
        var refused = new ApplyCommands(List.of(), List.of(new Command.Configure(0, 1)));

        var answers = refused.process(Map.entry("o", book));

        assertThat(answers.results()).containsExactly(new Command.OldTerm(1));
        assertThat(refused.getBackupProcessor()).isNull();
    }

    @Test
    void a_backup_that_missed_changes_refuses_the_next() {
        var book = new Book();
        book.apply(new Command.Open(1, 1, 1, 0, List.of(), List.of()));
        var entry = Map.entry("o", book);

        assertThatThrownBy(() -> new ReplicateCommands(99, List.of()).process(entry))
                .isInstanceOf(Book.TornException.class);
    }

    /// Waits until the others have noticed: what they send or wait for until then may fail.
    private void terminate(HazelcastInstance member) {
        member.getLifecycleService().terminate();
        var until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (members.stream()
                .anyMatch(other -> other.getCluster().getMembers().size() > members.size())) {
            assertThat(System.nanoTime() - until).isNegative();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private void fill(String organization) throws Exception {
        var first = values.plainHold(1);
        var second = values.plainHold(1);
        apply(organization, new Command.Open(1, 1, 1, 0, List.of(), List.of()), first, second);
        var settle =
                new Command.Settle(
                        first.id(), 1, 0, new Amounts(1, 2, 3, 4), new byte[] {1}, List.of());
        var answers = apply(organization, settle, second);
        assertThat(answers.results().getFirst()).isInstanceOf(Command.Settled.class);
        assertThat(answers.results().getLast()).isInstanceOf(Command.Held.class);
    }

    private Answers apply(String organization, Command... commands) throws Exception {
        return members.getFirst()
                .<String, Book>getMap("books")
                .submitToKey(organization, new ApplyCommands(List.of(), List.of(commands)))
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
    }

    private String image(String organization) {
        var book = members.getFirst().<String, Book>getMap("books").get(organization);
        return HexFormat.of()
                .formatHex(new ClusterForms.BookForm().write(Objects.requireNonNull(book)));
    }

    private Config config() {
        var config = new Config();
        config.setClusterName(cluster);
        config.setProperty("hazelcast.phone.home.enabled", "false");
        config.setProperty("hazelcast.shutdownhook.enabled", "false");
        config.setProperty("hazelcast.logging.type", "slf4j");
        config.setProperty("hazelcast.operation.fail.on.indeterminate.state", "true");
        config.setProperty("hazelcast.wait.seconds.before.join", "0");
        config.getMetricsConfig().setEnabled(false);
        config.getNetworkConfig().setPort(5901).setPortAutoIncrement(true);
        config.getNetworkConfig().getInterfaces().setEnabled(true).addInterface("127.0.0.1");
        var join = config.getNetworkConfig().getJoin();
        join.getAutoDetectionConfig().setEnabled(false);
        join.getMulticastConfig().setEnabled(false);
        join.getTcpIpConfig().setEnabled(true);
        for (var member : members) {
            var port = member.getCluster().getLocalMember().getAddress().getPort();
            join.getTcpIpConfig().addMember("127.0.0.1:" + port);
        }
        ClusterForms.register(config.getSerializationConfig());
        config.addMapConfig(
                new MapConfig("books").setInMemoryFormat(InMemoryFormat.OBJECT).setBackupCount(1));
        return config;
    }
}
