package dev.tollgate.loadtest.fault;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Where the nodes, the database and the clients are, and what can be done to the packets between
/// them.
///
/// Nodes are numbered from 0; everything that is not a node is at the hub.
sealed interface Network {

    String hub();

    String node(int index);

    /// What to put before a command that is to run where a node is.
    List<String> at(int index);

    /// Whether packets can be dropped; if not, [#whyNot()] says why.
    boolean canDrop();

    String whyNot();

    /// Drops what comes to `to` from `from`, without an answer.
    void cutOneWay(int from, int to);

    /// Drops what the database sends to a node.
    void cutDatabase(int node, int port);

    /// Drops a share of what other nodes send to a node.
    void lose(int node, int percent);

    /// Takes back all of the above.
    void heal();

    /// Packets dropped since the last [#heal()].
    long dropped();

    default void cut(int one, int other) {
        cutOneWay(one, other);
        cutOneWay(other, one);
    }

    /// All on loopback, each with an address of its own.
    record Loopback(String whyNot) implements Network {
        @Override
        public String hub() {
            return "127.0.0.1";
        }

        @Override
        public String node(int index) {
            return "127.0.0." + (11 + index);
        }

        @Override
        public List<String> at(int index) {
            return List.of();
        }

        @Override
        public boolean canDrop() {
            return false;
        }

        @Override
        public void cutOneWay(int from, int to) {
            throw new UnsupportedOperationException(whyNot);
        }

        @Override
        public void cutDatabase(int node, int port) {
            throw new UnsupportedOperationException(whyNot);
        }

        @Override
        public void lose(int node, int percent) {
            throw new UnsupportedOperationException(whyNot);
        }

        @Override
        public void heal() {}

        @Override
        public long dropped() {
            return 0;
        }
    }

    /// A namespace per node, joined by a bridge in the sandbox's own; nftables drops packets as
    /// they come in at a node.
    final class Namespaces implements Network {

        private static final String PREFIX = "10.77.0.";
        private static final Pattern COUNTED = Pattern.compile("counter packets (\\d+)");
        private static final String TABLE =
                "add table inet faults; flush table inet faults; add chain inet faults input {"
                        + " type filter hook input priority 0; }";

        private final int nodes;
        private final boolean hasNft = Shell.succeeds("nft", "--version");

        Namespaces(int nodes) {
            this.nodes = nodes;
            ip("link", "add", "bridge0", "type", "bridge");
            ip("addr", "add", hub() + "/24", "dev", "bridge0");
            ip("link", "set", "bridge0", "up");
            // Each call has a connection of its own.
            write(Path.of("/proc/sys/net/ipv4/ip_local_port_range"), "10000 65000");
            for (int i = 0; i < nodes; i++) {
                join(i);
            }
            heal();
        }

        private void join(int index) {
            var name = name(index);
            ip("netns", "add", name);
            ip("link", "add", "v" + name, "type", "veth", "peer", "name", "eth0", "netns", name);
            ip("link", "set", "v" + name, "master", "bridge0", "up");
            ip("-n", name, "addr", "add", node(index) + "/24", "dev", "eth0");
            ip("-n", name, "link", "set", "eth0", "up");
            ip("-n", name, "link", "set", "lo", "up");
        }

        private static void write(Path file, String text) {
            try {
                Files.writeString(file, text);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void ip(String... words) {
            var command = new ArrayList<>(List.of("ip"));
            command.addAll(List.of(words));
            Shell.run(command);
        }

        private static String name(int index) {
            return "n" + (index + 1);
        }

        @Override
        public String hub() {
            return PREFIX + "1";
        }

        @Override
        public String node(int index) {
            return PREFIX + (11 + index);
        }

        @Override
        public List<String> at(int index) {
            return List.of("ip", "netns", "exec", name(index));
        }

        @Override
        public boolean canDrop() {
            return hasNft;
        }

        @Override
        public String whyNot() {
            return "no nft (expected: Debian's package nftables installed)";
        }

        @Override
        public void cutOneWay(int from, int to) {
            rule(to, "ip saddr " + node(from) + " counter drop");
        }

        @Override
        public void cutDatabase(int node, int port) {
            rule(node, "ip saddr " + hub() + " tcp sport " + port + " counter drop");
        }

        @Override
        public void lose(int node, int percent) {
            for (int from = 0; from < nodes; from++) {
                if (from != node) {
                    rule(
                            node,
                            "ip saddr %s numgen random mod 100 < %d counter drop"
                                    .formatted(node(from), percent));
                }
            }
        }

        private void rule(int node, String rule) {
            nft(node, "add rule inet faults input " + rule);
        }

        @Override
        public void heal() {
            if (hasNft) {
                for (int i = 0; i < nodes; i++) {
                    nft(i, TABLE);
                }
            }
        }

        @Override
        public long dropped() {
            var packets = 0L;
            for (int i = 0; hasNft && i < nodes; i++) {
                var counted = COUNTED.matcher(nft(i, "list table inet faults"));
                while (counted.find()) {
                    packets += Long.parseLong(counted.group(1));
                }
            }
            return packets;
        }

        private String nft(int node, String commands) {
            var command = new ArrayList<>(at(node));
            command.addAll(List.of("nft", commands));
            return Shell.run(command);
        }
    }
}
