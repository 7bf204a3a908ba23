package dev.tollgate.node.provider;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;

/// Says the same to everybody who has said anything, HTTP or not, and hangs up.
final class RawServer implements AutoCloseable {

    private final ServerSocket listening;
    private final byte[] answer;
    private final Thread thread;

    RawServer(String answer) throws IOException {
        this.listening = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        this.answer = answer.getBytes(StandardCharsets.ISO_8859_1);
        this.thread = Thread.ofVirtual().start(this::serve);
    }

    String baseUrl() {
        return "http://127.0.0.1:" + listening.getLocalPort() + "/v1";
    }

    private void serve() {
        while (!listening.isClosed()) {
            try (var socket = listening.accept()) {
                if (socket.getInputStream().read(new byte[65_536]) > 0) {
                    socket.getOutputStream().write(answer);
                    socket.getOutputStream().flush();
                }
            } catch (IOException gone) {
                // The other side has heard enough, or the test is over: either way, go on.
            }
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        thread.interrupt();
    }
}
