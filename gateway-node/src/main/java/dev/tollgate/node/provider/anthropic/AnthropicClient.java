package dev.tollgate.node.provider.anthropic;

import dev.tollgate.node.provider.ProviderClient;
import dev.tollgate.node.provider.UpstreamCall;
import dev.tollgate.node.provider.UpstreamHttp;
import dev.tollgate.path.Exchange;
import dev.tollgate.path.Reply;
import io.vertx.core.Future;

/// Calls Anthropic and whoever speaks its dialect.
public final class AnthropicClient implements ProviderClient {

    private final UpstreamHttp http;
    private final AnthropicCodec codec = new AnthropicCodec();

    public AnthropicClient(UpstreamHttp http) {
        this.http = http;
    }

    @Override
    public Future<Reply> send(Exchange exchange) {
        return UpstreamCall.send(http, codec, exchange);
    }
}
