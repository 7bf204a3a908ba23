package dev.tollgate.node.cluster;

import com.hazelcast.config.Config;
import com.hazelcast.config.EvictionPolicy;
import com.hazelcast.config.InMemoryFormat;
import com.hazelcast.config.JavaSerializationFilterConfig;
import com.hazelcast.config.MapConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.internal.util.ConcurrencyUtil;
import com.hazelcast.map.IMap;
import dev.tollgate.budget.Book;
import java.util.concurrent.ForkJoinPool;

/// This node's embedded Hazelcast member: where the books are.
///
/// Bound to loopback and alone for now. No Java serialization: commands, results and books have
/// codecs of their own, and what a peer could otherwise make us deserialize is refused.
public final class ClusterMember implements AutoCloseable {

    private static final String BOOKS = "books";
    private static final String LOOPBACK = "127.0.0.1";
    private static final int POOL_PARALLELISM_MIN = 2;
    private static final int PORT_FIRST = 5701;
    private static final int PORTS_TRIED = 1000;
    private static final String HEARTBEAT_SECONDS = "5";
    private static final String MERGE_SECONDS = "5";

    private final HazelcastInstance hazelcast;

    private ClusterMember(HazelcastInstance hazelcast) {
        this.hazelcast = hazelcast;
    }

    /// Starts a member. Blocks for a second or two.
    ///
    /// @throws IllegalStateException when the common pool is too small: Hazelcast would start a
    ///   thread for each completed call
    public static ClusterMember start() {
        var parallelism = ForkJoinPool.getCommonPoolParallelism();
        if (parallelism < POOL_PARALLELISM_MIN) {
            throw new IllegalStateException(
                    "common pool parallelism: %d (expected: >= %d; start Java with -Djava.util.concurrent.ForkJoinPool.common.parallelism=4)"
                            .formatted(parallelism, POOL_PARALLELISM_MIN));
        }
        // Hazelcast logs before it reads its configuration.
        System.setProperty("hazelcast.logging.type", "slf4j");
        // Answers are handed to their callers' event loops by the thread that has them:
        // docs/adr/0007.
        ConcurrencyUtil.setDefaultAsyncExecutor(ConcurrencyUtil.CALLER_RUNS);
        return new ClusterMember(Hazelcast.newHazelcastInstance(config()));
    }

    IMap<String, Book> books() {
        return hazelcast.getMap(BOOKS);
    }

    /// Leaves the cluster, handing over what it owns. Blocks.
    @Override
    public void close() {
        hazelcast.shutdown();
    }

    /// Stops at once, as a crash would.
    void terminate() {
        hazelcast.getLifecycleService().terminate();
    }

    private static Config config() {
        var config = new Config();
        config.setClusterName("tollgate");
        config.setProperty("hazelcast.phone.home.enabled", "false");
        config.setProperty("hazelcast.shutdownhook.enabled", "false");
        config.setProperty("hazelcast.socket.bind.any", "false");
        config.setProperty("hazelcast.operation.fail.on.indeterminate.state", "true");
        config.setProperty("hazelcast.max.no.heartbeat.seconds", HEARTBEAT_SECONDS);
        config.setProperty("hazelcast.heartbeat.interval.seconds", "1");
        config.setProperty("hazelcast.merge.first.run.delay.seconds", MERGE_SECONDS);
        config.setProperty("hazelcast.merge.next.run.delay.seconds", MERGE_SECONDS);
        config.setProperty("hazelcast.operation.call.timeout.millis", "5000");
        config.setProperty("hazelcast.operation.backup.timeout.millis", "2000");
        config.setProperty("hazelcast.graceful.shutdown.max.wait", "10");
        config.setProperty("hazelcast.operation.thread.count", "2");
        config.setProperty("hazelcast.operation.generic.thread.count", "2");
        config.setProperty("hazelcast.operation.priority.generic.thread.count", "1");
        config.setProperty("hazelcast.operation.response.thread.count", "1");
        config.setProperty("hazelcast.io.thread.count", "1");
        config.setProperty("hazelcast.event.thread.count", "1");
        config.setProperty("hazelcast.jmx", "false");
        config.setProperty("hazelcast.diagnostics.enabled", "false");
        config.setProperty("hazelcast.wait.seconds.before.join", "0");
        config.getMetricsConfig().setEnabled(false);
        config.getJetConfig().setEnabled(false);
        config.getManagementCenterConfig()
                .setScriptingEnabled(false)
                .setConsoleEnabled(false)
                .setDataAccessEnabled(false);
        network(config);
        serialization(config);
        config.addMapConfig(booksConfig());
        return config;
    }

    private static void network(Config config) {
        var network = config.getNetworkConfig();
        network.setPort(PORT_FIRST).setPortAutoIncrement(true).setPortCount(PORTS_TRIED);
        network.getInterfaces().setEnabled(true).addInterface(LOOPBACK);
        var join = network.getJoin();
        join.getAutoDetectionConfig().setEnabled(false);
        join.getMulticastConfig().setEnabled(false);
        join.getTcpIpConfig().setEnabled(false);
    }

    private static void serialization(Config config) {
        var filter = new JavaSerializationFilterConfig();
        filter.setDefaultsDisabled(true);
        filter.getWhitelist().addPrefixes("dev.tollgate.node.cluster.");
        var serialization = config.getSerializationConfig();
        serialization.setJavaSerializationFilterConfig(filter);
        ClusterForms.register(serialization);
    }

    /// One entry per organization; never evicted: what leaves the map would leave the sums.
    private static MapConfig booksConfig() {
        var books = new MapConfig(BOOKS);
        books.setInMemoryFormat(InMemoryFormat.OBJECT);
        books.setBackupCount(1);
        books.setAsyncBackupCount(0);
        books.getEvictionConfig().setEvictionPolicy(EvictionPolicy.NONE);
        books.setStatisticsEnabled(false);
        books.setPerEntryStatsEnabled(false);
        return books;
    }
}
