package dev.tollgate.loadtest.overhead;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A bare nginx as reverse proxy: the least a hop can cost.
final class Nginx implements Target {

    private static final int START_TRIES = 100;

    private final ChildProcess process;
    private final URI chat;

    private Nginx(ChildProcess process, URI chat) {
        this.process = process;
        this.chat = chat;
    }

    /// @param workers `1` or `auto`
    /// @param directory for its configuration and temporary files
    static Nginx start(Path binary, String workers, int upstreamPort, Path directory)
            throws IOException {
        var port = ChildProcess.freePort();
        var file = Files.createDirectories(directory).resolve("nginx.conf");
        Files.writeString(file, configuration(directory, workers, port, upstreamPort));
        var process =
                ChildProcess.start(
                        List.of(
                                binary.toString(),
                                "-p",
                                directory.toString(),
                                "-e",
                                directory.resolve("error.log").toString(),
                                "-c",
                                file.toString()),
                        Map.of(),
                        directory.resolve("nginx.out"));
        process.awaitAnswer(URI.create("http://127.0.0.1:" + port + "/alive"), 204, START_TRIES);
        return new Nginx(process, URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"));
    }

    static String configuration(Path directory, String workers, int port, int upstreamPort) {
        return """
        daemon off;
        user root;
        worker_processes %s;
        pid %s/nginx.pid;
        events { worker_connections 1024; }
        http {
          access_log off;
          keepalive_requests 100000000;
          client_max_body_size 64m;
          client_body_temp_path %2$s/body;
          proxy_temp_path %2$s/proxy;
          fastcgi_temp_path %2$s/fastcgi;
          uwsgi_temp_path %2$s/uwsgi;
          scgi_temp_path %2$s/scgi;
          upstream provider {
            server 127.0.0.1:%4$d;
            keepalive 64;
            keepalive_requests 100000000;
          }
          server {
            listen 127.0.0.1:%3$d;
            location = /alive { return 204; }
            location / {
              proxy_pass http://provider;
              proxy_http_version 1.1;
              proxy_set_header connection "";
              proxy_buffering off;
            }
          }
        }
        """
                .formatted(workers, directory, port, upstreamPort);
    }

    @Override
    public String name() {
        return "nginx";
    }

    @Override
    public URI chat() {
        return chat;
    }

    @Override
    public Map<String, String> headers() {
        return Map.of();
    }

    @Override
    public ProcessStats stats() {
        return ProcessStats.ofTree(process.handle());
    }

    @Override
    public void close() {
        process.close();
    }
}
