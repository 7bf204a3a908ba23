package dev.tollgate.node.provider;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tollgate.tokens.Usage;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/// The numbers of a provider's usage object by their path, such as
/// `prompt_tokens_details.cached_tokens`, and the first thing odd about them.
///
/// Objects that come one after the other overwrite each other field by field, and `null` says
/// nothing: so do the formats that tell usage more than once.
public final class UsageFields {

    /// A value that is no whole number of tokens.
    private static final long UNUSABLE = Long.MIN_VALUE;

    private static final int DEPTH_MAX = 3;

    private final Map<String, Long> counts = new HashMap<>();
    private String serviceTier = "";
    private String anomaly = "";

    /// Reads the object at which `parser` stands.
    public void read(JsonParser parser) throws IOException {
        read(parser, "", 1);
    }

    private void read(JsonParser parser, String prefix, int depth) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            var name = prefix + parser.currentName();
            switch (parser.nextToken()) {
                case VALUE_NULL -> {}
                case VALUE_NUMBER_INT -> counts.put(name, count(parser));
                case START_ARRAY -> parser.skipChildren();
                case START_OBJECT -> nested(parser, name, depth);
                case VALUE_STRING -> text(parser, name);
                default -> counts.put(name, UNUSABLE);
            }
        }
    }

    private void nested(JsonParser parser, String name, int depth) throws IOException {
        if (depth < DEPTH_MAX) {
            read(parser, name + '.', depth + 1);
        } else {
            parser.skipChildren();
        }
    }

    private void text(JsonParser parser, String name) throws IOException {
        if (name.equals("service_tier")) {
            serviceTier = parser.getText();
        } else {
            counts.put(name, UNUSABLE);
        }
    }

    private static long count(JsonParser parser) throws IOException {
        var fits = parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
        return fits ? parser.getLongValue() : UNUSABLE;
    }

    public boolean has(String name) {
        return counts.containsKey(name);
    }

    public void forget(String name) {
        counts.remove(name);
    }

    public String serviceTier() {
        return serviceTier;
    }

    /// The value of a field that must be there.
    public long required(String name) {
        if (!has(name)) {
            require(false, name + ": absent");
        }
        return optional(name);
    }

    /// The value of a field whose absence means none.
    public long optional(String name) {
        var value = counts.getOrDefault(name, 0L);
        if (value < 0 || value > Usage.TOKENS_SANE_MAX) {
            var told = value == UNUSABLE ? "not a whole number" : Long.toString(value);
            require(false, name + ": " + told);
            return 0;
        }
        return value;
    }

    public void require(boolean holds, String otherwise) {
        if (!holds && anomaly.isEmpty()) {
            anomaly = "usage." + otherwise;
        }
    }

    /// The usage, unless something about it was odd.
    public UsageReading reading(Supplier<Usage> usage) {
        return anomaly.isEmpty() ? UsageReading.of(usage.get()) : UsageReading.odd(anomaly);
    }
}
