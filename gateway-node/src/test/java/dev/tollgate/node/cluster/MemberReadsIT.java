package dev.tollgate.node.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.hazelcast.config.Config;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import dev.tollgate.node.ForeignTask;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a member deserializes of what another one sends.
class MemberReadsIT {

    @TempDir Path journal;
    private final String name = UUID.randomUUID().toString();

    @Test
    void a_task_of_a_class_that_is_not_listed_is_neither_read_nor_run() throws Exception {
        var port = freePort();
        try (var holdings = holdings()) {
            var member = ClusterMember.start(settings(port), holdings);
            var intruder = Hazelcast.newHazelcastInstance(joining(port));
            try {
                var victim =
                        intruder.getCluster().getMembers().stream()
                                .filter(other -> !other.localMember())
                                .findFirst()
                                .orElseThrow();

                var failure = failureOf(intruder, new ForeignTask(), victim.getUuid());

                assertThat(failure).hasStackTraceContaining("dev.tollgate.node.ForeignTask");
                assertThat(failure).hasStackTraceContaining("not allowed");
                assertThat(ForeignTask.READ).hasValue(0);
                assertThat(ForeignTask.RUN).hasValue(0);

                // What members do ask each other is read, and their failures are told.
                var presents =
                        intruder.getExecutorService("colleagues")
                                .submitToMember(new AskPresents("local", 1), victim)
                                .get(10, TimeUnit.SECONDS);
                assertThat(Presents.read(Objects.requireNonNull(presents)).lives())
                        .containsExactly(holdings.incarnation());
            } finally {
                intruder.getLifecycleService().terminate();
                member.terminate();
            }
        }
    }

    private static Throwable failureOf(HazelcastInstance from, Callable<String> task, UUID victim) {
        var there =
                from.getCluster().getMembers().stream()
                        .filter(member -> member.getUuid().equals(victim))
                        .findFirst()
                        .orElseThrow();
        return Objects.requireNonNull(
                catchThrowable(() ->
                        from.getExecutorService("colleagues")
                                .submitToMember(task, there)
                                .get(10, TimeUnit.SECONDS)));
    }

    private Holdings holdings() {
        return Holdings.open(
                new BooksSettings(
                        journal,
                        JournalSettings.DEFAULT,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(1)),
                UUID.randomUUID());
    }

    private ClusterSettings settings(int port) {
        return new ClusterSettings(
                name, "127.0.0.1", port, List.of("127.0.0.1:" + port), Optional.empty());
    }

    private Config joining(int port) {
        var config = new Config();
        config.setClusterName(name);
        config.setProperty("hazelcast.phone.home.enabled", "false");
        config.setProperty("hazelcast.shutdownhook.enabled", "false");
        config.setProperty("hazelcast.logging.type", "slf4j");
        config.setProperty("hazelcast.wait.seconds.before.join", "0");
        config.getMetricsConfig().setEnabled(false);
        config.getJetConfig().setEnabled(false);
        config.getNetworkConfig().setPort(5951).setPortAutoIncrement(true);
        config.getNetworkConfig().getInterfaces().setEnabled(true).addInterface("127.0.0.1");
        var join = config.getNetworkConfig().getJoin();
        join.getAutoDetectionConfig().setEnabled(false);
        join.getMulticastConfig().setEnabled(false);
        join.getTcpIpConfig().setEnabled(true).addMember("127.0.0.1:" + port);
        ClusterForms.register(config.getSerializationConfig());
        return config;
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
