package dev.tollgate.node.http;

import io.netty.channel.ChannelOption;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpServerConnection;

/// Ends connections in the way Vert.x has no public method for.
final class Connections {

    private Connections() {}

    /// Closes at once and resets, throwing away what was not sent: Vert.x's own close waits for it
    /// to be read, and this is for a client that does not read.
    static void drop(HttpConnection connection) {
        if (connection instanceof HttpServerConnection server) {
            var context = server.channelHandlerContext();
            context.channel().config().setOption(ChannelOption.SO_LINGER, 0);
            var _ = context.close();
        } else {
            connection.close();
        }
    }
}
