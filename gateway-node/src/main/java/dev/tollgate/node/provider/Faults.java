package dev.tollgate.node.provider;

import dev.tollgate.node.provider.CallWatch.Phase;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Problem.UpstreamInvalid;
import dev.tollgate.problem.Problem.UpstreamTimeout;
import dev.tollgate.problem.Problem.UpstreamUnreachable;
import io.netty.channel.ConnectTimeoutException;
import io.netty.handler.codec.DecoderException;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.StreamResetException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.time.Duration;
import javax.net.ssl.SSLException;

/// What a failed call is called. Only known reasons are told: exceptions may hold addresses.
record Faults(String provider) {

    Problem timeout(Phase phase, Duration limit) {
        return new UpstreamTimeout(provider, phase.label(), limit);
    }

    Problem invalid(String reason) {
        return new UpstreamInvalid(provider, reason);
    }

    Problem tooLarge(int bytesMax) {
        return invalid("more than " + bytesMax + " bytes");
    }

    Problem unreachable(String reason) {
        return new UpstreamUnreachable(provider, reason);
    }

    Problem of(Throwable failure, Duration connectLimit) {
        return switch (failure) {
            case ConnectTimeoutException _ -> timeout(Phase.CONNECT, connectLimit);
            case UnknownHostException _ -> unreachable("its name is not known");
            case ConnectException _ -> unreachable("connection refused");
            case SSLException _ -> unreachable("TLS failed");
            case DecoderException decoding when decoding.getCause() instanceof SSLException ->
                    unreachable("TLS failed");
            case DecoderException _, IllegalArgumentException _ ->
                    invalid("not HTTP as we read it");
            case HttpClosedException _, StreamResetException _, IOException _ ->
                    unreachable("the connection broke");
            default -> unreachable("the call failed");
        };
    }
}
