package dev.tollgate.loadtest.provider;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// Speaks HTTP/1.1 on a bare socket, so that tests see how bytes and connections end.
final class RawClient implements AutoCloseable {

    private static final int PATIENCE_MS = 10_000;

    private final Socket socket;
    private final InputStream in;

    RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MS);
        in = socket.getInputStream();
    }

    void post(String path, String body, String... headers) throws IOException {
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        head(path, bytes.length, headers);
        write(bytes);
    }

    /// Sends the request line and headers only.
    void head(String path, int contentLength, String... headers) throws IOException {
        var text = new StringBuilder("POST " + path + " HTTP/1.1\r\nhost: localhost\r\n");
        for (var header : headers) {
            text.append(header).append("\r\n");
        }
        text.append("content-length: ").append(contentLength).append("\r\n\r\n");
        write(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    void write(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /// Reads until `mark` has come.
    String readUntil(String mark) throws IOException {
        var read = new ByteArrayOutputStream();
        while (!read.toString(StandardCharsets.UTF_8).contains(mark)) {
            var next = in.read();
            if (next < 0) {
                throw new IOException("closed before " + mark + " came: " + read);
            }
            read.write(next);
        }
        return read.toString(StandardCharsets.UTF_8);
    }

    /// Reads to the end of the connection; throws when it was reset.
    String readToEnd() throws IOException {
        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }

    /// Whether anything came.
    int available() throws IOException {
        return in.available();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
