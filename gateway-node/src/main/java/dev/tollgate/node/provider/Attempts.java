package dev.tollgate.node.provider;

import static java.util.Objects.requireNonNull;

import dev.tollgate.catalogue.Deployment;
import dev.tollgate.catalogue.Dialect;
import dev.tollgate.catalogue.Provider;
import dev.tollgate.path.Exchange;
import dev.tollgate.path.Filter;
import dev.tollgate.path.Reply;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;

/// The innermost step of the path: one call to the provider of the first candidate.
///
/// @param byType clients of provider types that need their own
/// @param byDialect clients of all other types, one for each dialect
public record Attempts(Map<String, ProviderClient> byType, Map<Dialect, ProviderClient> byDialect)
        implements Filter.Next {

    public Attempts {
        byType = Map.copyOf(byType);
        byDialect = Map.copyOf(byDialect);
        if (byDialect.size() != Dialect.values().length) {
            throw new IllegalArgumentException(
                    "byDialect: " + byDialect.keySet() + " (expected: a client for each dialect)");
        }
    }

    @Override
    public Future<Reply> proceed(Exchange exchange) {
        var deployment = exchange.deployment();
        return client(deployment.provider())
                .send(exchange)
                .map(reply -> reply.withHeaders(names(deployment)));
    }

    private ProviderClient client(Provider provider) {
        var own = byType.get(provider.type());
        return own != null ? own : requireNonNull(byDialect.get(provider.dialect()));
    }

    private static List<Map.Entry<String, String>> names(Deployment deployment) {
        return List.of(
                Map.entry("x-tollgate-model", headerValue(deployment.model().name())),
                Map.entry("x-tollgate-provider", headerValue(deployment.provider().name())));
    }

    /// A model's name may be whatever a caller wrote: nothing but visible ASCII gets into a header.
    static String headerValue(String text) {
        for (var at = 0; at < text.length(); at++) {
            if (!visible(text.charAt(at))) {
                return replaced(text);
            }
        }
        return text;
    }

    private static String replaced(String text) {
        var safe = new StringBuilder(text.length());
        text.chars().forEach(each -> safe.append(visible((char) each) ? (char) each : '?'));
        return safe.toString();
    }

    private static boolean visible(char each) {
        return each > ' ' && each < 0x7f;
    }
}
