package dev.tollgate.node.provider;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.TrustOptions;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// The way providers are reached: a pool of HTTP/1.1 connections, timers and a clock.
///
/// Make one per verticle instance: a pool that spans event loops lends connections across them, and
/// each chunk then changes threads.
///
/// @param nanoTime a monotonic clock
public record UpstreamHttp(
        Vertx vertx, HttpClient client, ProviderSettings settings, LongSupplier nanoTime) {

    /// @param trust certificates to trust instead of the JDK's, for providers with a private
    ///   authority
    public static UpstreamHttp open(
            Vertx vertx,
            ProviderSettings settings,
            Optional<TrustOptions> trust,
            LongSupplier nanoTime) {
        var connectMillis = Math.toIntExact(settings.connect().toMillis());
        var options =
                new HttpClientOptions()
                        .setProtocolVersion(HttpVersion.HTTP_1_1)
                        .setConnectTimeout(connectMillis)
                        .setSslHandshakeTimeout(connectMillis)
                        .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                        .setVerifyHost(true)
                        .setTcpNoDelay(true)
                        .setDecompressionSupported(false)
                        .setKeepAlive(true)
                        .setKeepAliveTimeout(Math.toIntExact(settings.keepAlive().toSeconds()))
                        .setMaxHeaderSize(settings.headerBytesMax());
        trust.ifPresent(options::setTrustOptions);
        var pool = new PoolOptions().setHttp1MaxSize(settings.connectionsPerOriginMax());
        var client =
                vertx.httpClientBuilder()
                        .with(options)
                        .with(pool)
                        // Each call tells of its own connection's end; Vert.x would log it as well.
                        .withConnectHandler(connection -> connection.exceptionHandler(_ -> {}))
                        .build();
        return new UpstreamHttp(vertx, client, settings, nanoTime);
    }
}
