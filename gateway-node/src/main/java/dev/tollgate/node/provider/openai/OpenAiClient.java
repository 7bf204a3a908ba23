package dev.tollgate.node.provider.openai;

import dev.tollgate.node.provider.ProviderClient;
import dev.tollgate.node.provider.UpstreamCall;
import dev.tollgate.node.provider.UpstreamHttp;
import dev.tollgate.path.Exchange;
import dev.tollgate.path.Reply;
import io.vertx.core.Future;
import java.util.Set;

/// Calls OpenAI and whoever speaks its dialect.
public final class OpenAiClient implements ProviderClient {

    private final UpstreamHttp http;
    private final OpenAiCodec codec;

    /// @param withoutUsageOption provider types whose servers reject `stream_options.include_usage`
    public OpenAiClient(UpstreamHttp http, Set<String> withoutUsageOption) {
        this.http = http;
        this.codec = new OpenAiCodec(Set.copyOf(withoutUsageOption));
    }

    @Override
    public Future<Reply> send(Exchange exchange) {
        return UpstreamCall.send(http, codec, exchange);
    }
}
