package dev.tollgate.loadtest.fault;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// nginx before the nodes: round robin, nothing tried twice, nothing buffered. A node that refuses
/// connections is left out for a second.
final class LoadBalancer implements AutoCloseable {

    private static final int PORT = 8000;
    private static final Duration START_MAX = Duration.ofSeconds(10);
    // nginx says nowhere when its new workers have taken over.
    private static final Duration RELOAD = Duration.ofMillis(500);

    private final Path directory;
    private final String address;
    private final List<GatewayNode> nodes;
    private final Set<Integer> out = new TreeSet<>();
    private final ServerProcess process;

    /// @param directory for its configuration and temporary files
    LoadBalancer(Path binary, Path directory, String address, List<GatewayNode> nodes)
            throws IOException {
        this.directory = Files.createDirectories(directory);
        this.address = address;
        this.nodes = nodes;
        configure();
        this.process =
                ServerProcess.start(
                        List.of(
                                binary.toString(),
                                "-p",
                                directory.toString(),
                                "-e",
                                directory.resolve("error.log").toString(),
                                "-c",
                                file().toString()),
                        Map.of(),
                        directory.resolve("nginx.out"));
        if (!Wait.until(START_MAX, this::listens)) {
            throw new IllegalStateException("nginx does not listen, see " + directory);
        }
    }

    URI origin() {
        return URI.create("http://" + address + ":" + PORT);
    }

    private boolean listens() {
        try (var socket = new Socket(address, PORT)) {
            return socket.isConnected();
        } catch (IOException _) {
            return false;
        }
    }

    /// Sends a node nothing new; what runs goes on.
    void takeOut(GatewayNode node) {
        out.add(node.index());
        reload();
    }

    void putBack(GatewayNode node) {
        if (out.remove(node.index())) {
            reload();
        }
    }

    private void reload() {
        configure();
        process.hangUp();
        Wait.pause(RELOAD);
    }

    private Path file() {
        return directory.resolve("nginx.conf");
    }

    private void configure() {
        try {
            Files.writeString(file(), configuration());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String configuration() {
        var servers =
                nodes.stream()
                        .map(node ->
                                "server %s:%d max_fails=1 fail_timeout=1s%s;"
                                        .formatted(
                                                node.address(),
                                                GatewayNode.PORT,
                                                out.contains(node.index()) ? " down" : ""))
                        .collect(Collectors.joining("\n    "));
        return """
        daemon off;
        user root;
        worker_processes 1;
        worker_rlimit_nofile 20000;
        pid %1$s/nginx.pid;
        events { worker_connections 8192; }
        http {
          access_log off;
          client_body_temp_path %1$s/body;
          proxy_temp_path %1$s/proxy;
          fastcgi_temp_path %1$s/fastcgi;
          uwsgi_temp_path %1$s/uwsgi;
          scgi_temp_path %1$s/scgi;
          upstream gateway {
            %2$s
          }
          server {
            listen %3$s:%4$d backlog=4096;
            location / {
              proxy_pass http://gateway;
              proxy_http_version 1.1;
              proxy_set_header connection close;
              proxy_buffering off;
              proxy_next_upstream off;
              proxy_connect_timeout 2s;
              proxy_read_timeout 120s;
            }
          }
        }
        """
                .formatted(directory, servers, address, PORT);
    }

    @Override
    public void close() {
        process.kill();
    }
}
