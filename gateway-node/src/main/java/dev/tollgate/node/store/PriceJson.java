package dev.tollgate.node.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tollgate.price.Price;
import dev.tollgate.price.Price.LongPrompt;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The part of a price that has no column of its own: tool calls, long prompts, service tiers.
final class PriceJson {

    private static final ObjectMapper JSON = new ObjectMapper();

    private PriceJson() {}

    static String write(Price price) {
        var extra = JSON.createObjectNode();
        extra.put("tool_call_pico", price.toolCallPico());
        var tiers = extra.putObject("tiers_per_mille");
        price.tiersPerMille().forEach(tiers::put);
        price.longPrompt()
                .ifPresent(longer ->
                        extra.putObject("long_prompt")
                                .put("above", longer.inputTokensAbove())
                                .put("uncached_input_pico", longer.price().uncachedInputPico())
                                .put("cache_read_pico", longer.price().cacheReadPico())
                                .put("cache_write_5m_pico", longer.price().cacheWrite5mPico())
                                .put("cache_write_1h_pico", longer.price().cacheWrite1hPico())
                                .put("output_pico", longer.price().outputPico()));
        return extra.toString();
    }

    static Price read(String version, long[] picos, String extra) {
        try {
            var node = JSON.readTree(extra);
            var toolCall = node.path("tool_call_pico").asLong(0);
            var tiers = tiers(node.path("tiers_per_mille"));
            return price(
                    version,
                    picos,
                    toolCall,
                    longer(version, node.path("long_prompt"), toolCall, tiers),
                    tiers);
        } catch (JsonProcessingException bad) {
            throw new IllegalStateException("prices.extra of version " + version, bad);
        }
    }

    private static Optional<LongPrompt> longer(
            String version, JsonNode node, long toolCall, Map<String, Integer> tiers) {
        if (!node.isObject()) {
            return Optional.empty();
        }
        var picos =
                new long[] {
                    node.get("uncached_input_pico").asLong(),
                    node.get("cache_read_pico").asLong(),
                    node.get("cache_write_5m_pico").asLong(),
                    node.get("cache_write_1h_pico").asLong(),
                    node.get("output_pico").asLong()
                };
        return Optional.of(
                new LongPrompt(
                        node.get("above").asLong(),
                        price(version, picos, toolCall, Optional.empty(), tiers)));
    }

    private static Price price(
            String version,
            long[] picos,
            long toolCall,
            Optional<LongPrompt> longer,
            Map<String, Integer> tiers) {
        return new Price(
                version, picos[0], picos[1], picos[2], picos[3], picos[4], toolCall, longer, tiers);
    }

    private static Map<String, Integer> tiers(JsonNode node) {
        var tiers = new HashMap<String, Integer>();
        for (var tier : node.properties()) {
            tiers.put(tier.getKey(), tier.getValue().asInt());
        }
        return tiers;
    }
}
