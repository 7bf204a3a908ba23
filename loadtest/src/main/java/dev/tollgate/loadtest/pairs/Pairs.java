package dev.tollgate.loadtest.pairs;

import dev.tollgate.loadtest.fault.PostgresServer;
import dev.tollgate.loadtest.pairs.Setting.Layout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One run: each setting in turn, in processes of its own.
final class Pairs implements AutoCloseable {

    private static final String ADDRESS = "127.0.0.1";
    private static final Duration LATE_MAX = Duration.ofSeconds(30);

    private final PairsSettings settings;
    private final Path directory;
    private final Consumer<String> progress;
    private final List<PairsNodeProcess> nodes = new CopyOnWriteArrayList<>();
    private volatile @Nullable PostgresServer postgres;

    /// @param directory for journals, logs and PostgreSQL
    Pairs(PairsSettings settings, Path directory, Consumer<String> progress) {
        this.settings = settings;
        this.directory = directory;
        this.progress = progress;
    }

    PairsReport run() throws IOException, InterruptedException {
        var samples = new ArrayList<PairsSample>();
        for (var setting : settings.settings()) {
            progress.accept(setting.toString());
            samples.add(measure(setting));
        }
        return new PairsReport(samples);
    }

    private PairsSample measure(Setting setting) throws IOException, InterruptedException {
        var database =
                setting.layout() == Layout.THREE
                        ? Optional.of(postgres().url())
                        : Optional.<String>empty();
        var place = Files.createTempDirectory(directory, "nodes");
        var started = start(setting, place, database);
        for (var node : started) {
            node.awaitReady();
        }
        for (var node : started) {
            node.go();
        }
        var most = settings.warmUp().plus(settings.measured()).plus(LATE_MAX);
        var counts = new ArrayList<NodeCount>();
        for (var node : started) {
            counts.add(node.count(most));
        }
        started.forEach(PairsNodeProcess::leave);
        var ended = true;
        for (var node : started) {
            ended &= node.hasEndedWell();
            node.close();
        }
        nodes.removeAll(started);
        return PairsSample.of(setting, counts, ended);
    }

    private List<PairsNodeProcess> start(Setting setting, Path place, Optional<String> database)
            throws IOException {
        var members =
                freePorts(setting.layout().nodes).stream()
                        .map(port -> ADDRESS + ":" + port)
                        .toList();
        var started = new ArrayList<PairsNodeProcess>();
        for (var number = 0; number < members.size(); number++) {
            var journal = Files.createDirectory(place.resolve("journal-" + number));
            var own = new ArrayList<String>(List.of("--journal", journal.toString()));
            if (setting.layout() != Layout.ALONE) {
                own.addAll(List.of("--members", ownFirst(members, number)));
            }
            database.ifPresent(url -> own.addAll(List.of("--database", url)));
            var node =
                    new PairsNodeProcess(
                            settings.nodeCommand(setting, own),
                            place.resolve("node-" + number + ".log"));
            nodes.add(node);
            started.add(node);
        }
        return started;
    }

    static String ownFirst(List<String> members, int own) {
        var ordered = new ArrayList<>(members);
        ordered.addFirst(ordered.remove(own));
        return String.join(",", ordered);
    }

    private PostgresServer postgres() throws IOException {
        var running = postgres;
        if (running == null) {
            running =
                    new PostgresServer(
                            directory.resolve("postgres"), ADDRESS, freePorts(1).getFirst());
            postgres = running;
        }
        return running;
    }

    /// Ports that were free a moment ago, all different.
    private static List<Integer> freePorts(int number) {
        var sockets = new ArrayList<ServerSocket>();
        try {
            for (var i = 0; i < number; i++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            var ports = sockets.stream().map(ServerSocket::getLocalPort).toList();
            for (var socket : sockets) {
                socket.close();
            }
            return ports;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Ends whatever is left.
    @Override
    public synchronized void close() {
        nodes.forEach(PairsNodeProcess::close);
        var running = postgres;
        postgres = null;
        if (running != null) {
            running.close();
        }
    }
}
