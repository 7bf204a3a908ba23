package dev.tollgate.node.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.Locale;

/// A bare client connection: what is sent is exactly what a test says. Text is Latin-1.
final class Wire implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 10_000;

    private final Socket socket;

    private Wire(Socket socket) {
        this.socket = socket;
    }

    static Wire to(int port) throws IOException {
        return to(port, 0);
    }

    /// @param receiveBytes of the kernel's buffer, so that a test can fill it; 0 for the default
    static Wire to(int port, int receiveBytes) throws IOException {
        var socket = new Socket();
        if (receiveBytes > 0) {
            socket.setReceiveBufferSize(receiveBytes);
        }
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return new Wire(socket);
    }

    Wire send(String text) throws IOException {
        return send(text.getBytes(ISO_8859_1));
    }

    Wire send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
        return this;
    }

    /// Reads until what was read by this call ends with `end`.
    String readUntil(String end) throws IOException {
        var read = new ByteArrayOutputStream();
        while (!read.toString(ISO_8859_1).endsWith(end)) {
            var next = socket.getInputStream().read();
            if (next < 0) {
                throw new IOException("closed after: " + read.toString(ISO_8859_1));
            }
            read.write(next);
        }
        return read.toString(ISO_8859_1);
    }

    /// One answer with a content-length: its head and body.
    String readAnswer() throws IOException {
        var head = readUntil("\r\n\r\n");
        var length = 0;
        for (var line : head.lines().toList()) {
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(line.substring(line.indexOf(':') + 1).strip());
            }
        }
        return head + new String(socket.getInputStream().readNBytes(length), ISO_8859_1);
    }

    /// Everything up to the close, be it clean or a reset.
    String readToClose() throws IOException {
        var read = new ByteArrayOutputStream();
        try {
            for (var next = socket.getInputStream().read();
                    next >= 0;
                    next = socket.getInputStream().read()) {
                read.write(next);
            }
        } catch (SocketException _) {
            // Reset: what came before it is what the test is about.
        }
        return read.toString(ISO_8859_1);
    }

    /// Reads and forgets `bytes` bytes.
    void skip(long bytes) throws IOException {
        socket.getInputStream().skipNBytes(bytes);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
