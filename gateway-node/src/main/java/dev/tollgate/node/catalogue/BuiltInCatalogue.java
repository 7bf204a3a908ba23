package dev.tollgate.node.catalogue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.tollgate.catalogue.Model;
import dev.tollgate.price.Price;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// The models and list prices that come with the program, by provider type.
public final class BuiltInCatalogue {

    private static final String RESOURCE = "/catalogue.yaml";
    private static final int DOLLARS_PER_MILLION_TO_PICO = 6;

    private final String version;
    private final Map<String, List<Model>> modelsByType;

    private BuiltInCatalogue(String version, Map<String, List<Model>> modelsByType) {
        this.version = version;
        this.modelsByType = Map.copyOf(modelsByType);
    }

    /// Reads the resource.
    public static BuiltInCatalogue load() {
        try (var resource = BuiltInCatalogue.class.getResourceAsStream(RESOURCE)) {
            var root = new YAMLMapper().readTree(Objects.requireNonNull(resource, RESOURCE));
            var version = root.get("version").asText();
            var models = new HashMap<String, List<Model>>();
            for (var entry : root.properties()) {
                if (entry.getValue().isObject()) {
                    models.put(entry.getKey(), models(entry.getValue(), version));
                }
            }
            return new BuiltInCatalogue(version, models);
        } catch (IOException bad) {
            throw new UncheckedIOException(RESOURCE, bad);
        }
    }

    public String version() {
        return version;
    }

    /// The models a provider of this type serves; none for types that tell their own.
    public List<Model> models(String providerType) {
        return modelsByType.getOrDefault(providerType, List.of());
    }

    private static List<Model> models(JsonNode section, String version) {
        var defaults = section.path("defaults");
        var models = new ArrayList<Model>();
        for (var node : section.path("models")) {
            models.add(model(node, defaults, version));
        }
        return List.copyOf(models);
    }

    private static Model model(JsonNode node, JsonNode defaults, String version) {
        return new Model(
                node.get("name").asText(),
                either(node, defaults, "encoding").asText("o200k_base"),
                node.path("context").asLong(0),
                node.path("output_max").asLong(0),
                either(node, defaults, "attachment").asLong(Model.ATTACHMENT_TOKENS_ASSUMED),
                Optional.of(price(node, defaults, version)));
    }

    private static Price price(JsonNode node, JsonNode defaults, String version) {
        var longer = node.path("long_prompt");
        return new Price(
                version,
                pico(node, "input"),
                picoOr(node, "cache_read", "input"),
                picoOr(node, "cache_write", "input"),
                node.has("cache_write_1h")
                        ? pico(node, "cache_write_1h")
                        : picoOr(node, "cache_write", "input"),
                pico(node, "output"),
                toolCallPico(node, defaults),
                longer.isObject()
                        ? Optional.of(
                                new Price.LongPrompt(
                                        longer.get("above").asLong(),
                                        price(longer, defaults, version)))
                        : Optional.empty(),
                tiers(either(node, defaults, "tiers")));
    }

    private static Map<String, Integer> tiers(JsonNode node) {
        var tiers = new HashMap<String, Integer>();
        for (var tier : node.properties()) {
            tiers.put(
                    tier.getKey(),
                    tier.getValue().decimalValue().movePointRight(3).intValueExact());
        }
        return tiers;
    }

    /// Told in dollars a call.
    private static long toolCallPico(JsonNode node, JsonNode defaults) {
        var dollars = either(node, defaults, "tool_call");
        return dollars.isMissingNode()
                ? 0
                : dollars.decimalValue().movePointRight(12).longValueExact();
    }

    private static long picoOr(JsonNode node, String field, String otherwise) {
        return pico(node, node.has(field) ? field : otherwise);
    }

    private static long pico(JsonNode node, String field) {
        var dollarsPerMillion = new BigDecimal(node.get(field).asText());
        return dollarsPerMillion.movePointRight(DOLLARS_PER_MILLION_TO_PICO).longValueExact();
    }

    private static JsonNode either(JsonNode node, JsonNode defaults, String field) {
        return node.has(field) ? node.get(field) : defaults.path(field);
    }
}
