package dev.tollgate.node.cluster;

import com.hazelcast.config.Config;
import com.hazelcast.config.EvictionPolicy;
import com.hazelcast.config.InMemoryFormat;
import com.hazelcast.config.JavaSerializationFilterConfig;
import com.hazelcast.config.MapConfig;
import com.hazelcast.config.MergePolicyConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.internal.util.ConcurrencyUtil;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;

/// This node's embedded Hazelcast member: where the books of several nodes are.
///
/// Bound to one address, loopback when alone. No Java serialization: commands, results and books
/// have codecs of their own, and what a peer could otherwise make us deserialize is refused.
public final class ClusterMember implements AutoCloseable {

    static final String BOOKS = "books";
    private static final int POOL_PARALLELISM_MIN = 2;
    private static final int PORT_FIRST = 5701;
    private static final int PORTS_TRIED = 1000;
    private static final String HEARTBEAT_SECONDS = "5";
    private static final String MERGE_SECONDS = "5";

    private static final int CONNECT_SECONDS = 2;

    /// Also how often the member that takes the lead asks each of the others. The first five times
    /// take milliseconds, and one that has not missed the former leader yet says no: with five, it
    /// was left behind in a cluster of its own.
    private static final String CLAIM_SECONDS = "20";

    /// After which a member that finds others, and none that lets it in, gives up.
    private static final String JOIN_SECONDS = "60";

    private static final int MERGED_AT_ONCE = 10;

    /// Hazelcast tells members of failures by Java's serialization, so exceptions have to be read;
    /// nothing else is.
    private static final String[] PREFIXES_READ = {
        "com.hazelcast.cluster.",
        "com.hazelcast.core.",
        "com.hazelcast.internal.cluster.",
        "com.hazelcast.internal.partition.",
        "com.hazelcast.map.",
        "com.hazelcast.memory.",
        "com.hazelcast.partition.",
        "com.hazelcast.spi.exception.",
        "com.hazelcast.spi.impl.operationservice.impl.responses.",
        "com.hazelcast.version.",
        "dev.tollgate.node.cluster."
    };

    private static final String[] CLASSES_READ = {
        "com.hazelcast.nio.serialization.HazelcastSerializationException",
        "dev.tollgate.budget.Book$TornException",
        "java.io.IOException",
        "java.io.UncheckedIOException",
        "java.lang.ArithmeticException",
        "java.lang.ClassCastException",
        "java.lang.ClassNotFoundException",
        "java.lang.Error",
        "java.lang.Exception",
        "java.lang.IllegalArgumentException",
        "java.lang.IllegalStateException",
        "java.lang.IndexOutOfBoundsException",
        "java.lang.InterruptedException",
        "java.lang.LinkageError",
        "java.lang.NullPointerException",
        "java.lang.NoClassDefFoundError",
        "java.lang.OutOfMemoryError",
        "java.lang.RuntimeException",
        "java.lang.SecurityException",
        "java.lang.StackTraceElement",
        "[Ljava.lang.StackTraceElement;",
        "java.lang.Throwable",
        "java.lang.UnsupportedOperationException",
        "java.lang.VirtualMachineError",
        "java.util.ArrayList",
        "java.util.Collections$EmptyList",
        "java.util.Collections$UnmodifiableCollection",
        "java.util.Collections$UnmodifiableList",
        "java.util.Collections$UnmodifiableRandomAccessList",
        "java.util.ConcurrentModificationException",
        "java.util.NoSuchElementException",
        "java.util.concurrent.CancellationException",
        "java.util.concurrent.CompletionException",
        "java.util.concurrent.ExecutionException",
        "java.util.concurrent.RejectedExecutionException",
        "java.util.concurrent.TimeoutException"
    };

    private final HazelcastInstance hazelcast;
    private final Membership membership;
    private final OwnShelf own = new OwnShelf();
    private final Shelf shelf;

    private ClusterMember(HazelcastInstance hazelcast, boolean joins, Holdings holdings) {
        this.hazelcast = hazelcast;
        this.shelf = joins ? new GridShelf(hazelcast.getMap(BOOKS)) : own;
        this.membership = new Membership(hazelcast, holdings);
    }

    /// Starts a member that answers with `holdings` and goes by their incarnation, and joins others
    /// if there are any. Blocks for a second or two.
    ///
    /// @throws IllegalStateException when the common pool is too small: Hazelcast would start a
    ///   thread for each completed call
    public static ClusterMember start(ClusterSettings settings, Holdings holdings) {
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
        var member = Hazelcast.newHazelcastInstance(config(settings, holdings));
        return new ClusterMember(member, settings.joins(), holdings);
    }

    /// The cluster as this member sees it.
    public Membership membership() {
        return membership;
    }

    /// Where the books are: where there can be no others, not in the grid.
    Shelf shelf() {
        return shelf;
    }

    /// Leaves the cluster, handing over what it owns. Blocks.
    @Override
    public void close() {
        own.close();
        hazelcast.shutdown();
    }

    /// Stops at once, as a crash would.
    void terminate() {
        own.close();
        hazelcast.getLifecycleService().terminate();
    }

    private static Config config(ClusterSettings settings, Holdings holdings) {
        var config = new Config();
        // Nobody joins a node that keeps its books to itself.
        config.setClusterName(
                settings.joins()
                        ? settings.name()
                        : settings.name() + "-" + holdings.incarnation());
        config.getMemberAttributeConfig().setAttributes(Membership.attributes(holdings));
        config.setUserContext(new ConcurrentHashMap<>(Map.of(Colleague.NAME, holdings)));
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
        config.setProperty("hazelcast.tcp.join.port.try.count", "1");
        config.setProperty("hazelcast.max.wait.seconds.before.join", "3");
        // A member that is silent holds up neither one that starts nor one that takes the lead.
        config.setProperty(
                "hazelcast.socket.connect.timeout.seconds", String.valueOf(CONNECT_SECONDS));
        config.setProperty("hazelcast.mastership.claim.timeout.seconds", CLAIM_SECONDS);
        config.setProperty("hazelcast.max.join.seconds", JOIN_SECONDS);
        config.setProperty("hazelcast.connect.all.wait.seconds", HEARTBEAT_SECONDS);
        config.setProperty("hazelcast.member.list.publish.interval.seconds", "10");
        config.setProperty("hazelcast.connection.monitor.interval", "100");
        config.setProperty("hazelcast.connection.monitor.max.faults", "3");
        config.setProperty("hazelcast.partition.migration.interval", "0");
        config.setProperty("hazelcast.partition.backup.sync.interval", "5");
        network(config, settings);
        serialization(config);
        config.addMapConfig(booksConfig());
        return config;
    }

    private static void network(Config config, ClusterSettings settings) {
        var network = config.getNetworkConfig();
        if (settings.port() == 0) {
            network.setPort(PORT_FIRST).setPortAutoIncrement(true).setPortCount(PORTS_TRIED);
        } else {
            network.setPort(settings.port()).setPortAutoIncrement(false);
            network.setPublicAddress(settings.bind() + ":" + settings.port());
        }
        // Not by its list of interfaces, which also filters the names among the members.
        config.setProperty("hazelcast.local.localAddress", settings.bind());
        var join = network.getJoin();
        join.getAutoDetectionConfig().setEnabled(false);
        join.getMulticastConfig().setEnabled(false);
        join.getTcpIpConfig()
                .setEnabled(!settings.members().isEmpty())
                .setConnectionTimeoutSeconds(CONNECT_SECONDS)
                .setMembers(settings.members());
        settings.kubernetesDns()
                .ifPresent(name ->
                        join.getKubernetesConfig()
                                .setEnabled(true)
                                .setProperty("service-dns", name)
                                .setProperty("service-port", String.valueOf(settings.port())));
    }

    private static void serialization(Config config) {
        var filter = new JavaSerializationFilterConfig();
        filter.setDefaultsDisabled(true);
        filter.getWhitelist().addPrefixes(PREFIXES_READ).addClasses(CLASSES_READ);
        var serialization = config.getSerializationConfig();
        serialization.setJavaSerializationFilterConfig(filter);
        ClusterForms.register(serialization);
    }

    /// One entry per organization; never evicted: what leaves the map would leave the sums.
    private static MapConfig booksConfig() {
        var books = new MapConfig(BOOKS);
        books.setInMemoryFormat(InMemoryFormat.OBJECT);
        books.setBackupCount(1);
        books.setMergePolicyConfig(
                new MergePolicyConfig(BookMergePolicy.class.getName(), MERGED_AT_ONCE));
        books.setAsyncBackupCount(0);
        books.getEvictionConfig().setEvictionPolicy(EvictionPolicy.NONE);
        books.setStatisticsEnabled(false);
        books.setPerEntryStatsEnabled(false);
        return books;
    }
}
