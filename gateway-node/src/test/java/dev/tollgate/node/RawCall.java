package dev.tollgate.node;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;

/// One HTTP call on a bare connection, for what no HTTP client would send or show.
final class RawCall implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 30_000;

    private final Socket socket = new Socket();

    private RawCall() {}

    /// Sends the head of a POST of JSON, whose framing header is `framing`.
    static RawCall post(URI gateway, String path, String framing) throws IOException {
        var call = new RawCall();
        call.socket.setSoTimeout(TIMEOUT_MILLIS);
        call.socket.connect(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), gateway.getPort()));
        return call.send(
                "POST "
                        + path
                        + " HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
                        + framing
                        + "\r\n\r\n");
    }

    RawCall send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
        return this;
    }

    /// The answer's head and the beginning of its body, as much as comes with `end`.
    String readUntil(String end) throws IOException {
        var read = new ByteArrayOutputStream();
        while (!read.toString(ISO_8859_1).contains(end)) {
            var next = socket.getInputStream().read();
            if (next < 0) {
                throw new IOException("closed after: " + read.toString(ISO_8859_1));
            }
            read.write(next);
        }
        return read.toString(ISO_8859_1);
    }

    /// All there is until the connection is closed, in order or by a reset.
    String readToClose() throws IOException {
        var read = new ByteArrayOutputStream();
        try {
            socket.getInputStream().transferTo(read);
        } catch (SocketException _) {
            // A reset: what came before it is in `read`.
        }
        return read.toString(ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
