package dev.tollgate.budget;

import dev.tollgate.catalogue.Deployment;
import dev.tollgate.catalogue.Dialect;
import dev.tollgate.path.Exchange;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/// Which requests can be held elastically: those whose answer is one text that shows all of what it
/// costs while it comes. All others hold their worst case.
///
/// Whoever was billed more than had been covered when its answer came, because it hides a part or
/// sends all at once, holds the worst case for a while. Any thread.
final class Elasticity {

    /// What is covered at the beginning: most answers are shorter.
    static final long START_TOKENS = 1_024;

    /// Models that think before they write, and bill it, unless told not to. Names without what
    /// stands before the last slash.
    private static final Pattern HIDE_REASONING =
            Pattern.compile(
                    "(?:ft:)?(?:o\\d|gpt-(?:[5-9]|\\d\\d|oss)|codex|computer-use"
                            + "|gemini-(?:2\\.5|[3-9])|grok-(?:3-mini|[4-9])).*"
                            + "|.*(?:-thinking|reasoner|deep-research).*");

    /// Fields, with their quotation marks, of requests whose answers have parts that are billed and
    /// not shown, or that are no text. Where one stands as a value nothing is lost: the worst case
    /// is always safe.
    private static final List<byte[]> OPENAI_FIELDS =
            fields(
                    "reasoning_effort",
                    "reasoning",
                    "thinking",
                    "enable_thinking",
                    "modalities",
                    "audio",
                    "prediction",
                    "web_search_options");

    private static final List<byte[]> ANTHROPIC_FIELDS =
            fields("thinking", "output_config", "mcp_servers", "container");

    private static final long REMEMBERED_MILLIS = Duration.ofHours(6).toMillis();

    /// Model names can come from callers.
    private static final int MODELS_MAX = 1_000;

    private final Map<String, Long> overranMillis = new ConcurrentHashMap<>();
    private final LongSupplier nowMillis;

    Elasticity(LongSupplier nowMillis) {
        this.nowMillis = nowMillis;
    }

    /// An answer of this deployment was billed more than had been covered.
    void overran(Deployment deployment) {
        if (overranMillis.size() >= MODELS_MAX) {
            overranMillis.clear();
        }
        overranMillis.put(key(deployment), nowMillis.getAsLong());
    }

    private boolean overranLately(Deployment deployment) {
        if (overranMillis.isEmpty()) {
            return false;
        }
        var at = overranMillis.get(key(deployment));
        return at != null && nowMillis.getAsLong() - at < REMEMBERED_MILLIS;
    }

    private static String key(Deployment deployment) {
        return deployment.provider().name() + '/' + deployment.model().name();
    }

    private static List<byte[]> fields(String... names) {
        return List.of(names).stream()
                .map(name -> ('"' + name + '"').getBytes(StandardCharsets.US_ASCII))
                .toList();
    }

    boolean of(Exchange exchange) {
        var request = exchange.request();
        var deployment = exchange.deployment();
        return exchange.endpoint().produces()
                && request.choices() == 1
                && request.thinkingBudget() == 0
                && !deployment.provider().sandbox()
                && !overranLately(deployment)
                && !hidesReasoning(deployment.model().name())
                && !hidesReasoning(deployment.upstreamModel())
                && (request.stream() || !isBeta(exchange))
                && !names(request.body(), fields(exchange));
    }

    private static List<byte[]> fields(Exchange exchange) {
        return exchange.endpoint().dialect() == Dialect.OPENAI ? OPENAI_FIELDS : ANTHROPIC_FIELDS;
    }

    static boolean hidesReasoning(String model) {
        var name = model.substring(model.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
        return HIDE_REASONING.matcher(name).matches();
    }

    /// A whole answer of a kind that we cannot know how to put together.
    private static boolean isBeta(Exchange exchange) {
        return exchange.headers().stream()
                .anyMatch(header -> header.getKey().equals("anthropic-beta"));
    }

    private static boolean names(byte[] body, List<byte[]> fields) {
        for (var at = 0; at < body.length; at++) {
            if (body[at] == '"') {
                for (var i = 0; i < fields.size(); i++) {
                    if (startsWith(body, at, fields.get(i))) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static boolean startsWith(byte[] body, int at, byte[] text) {
        if (at + text.length > body.length) {
            return false;
        }
        for (var i = 1; i < text.length; i++) {
            if (body[at + i] != text[i]) {
                return false;
            }
        }
        return true;
    }
}
