package dev.tollgate.node.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What editors are told of the settings file is what the reader takes.
class SettingsSchemaTest {

    private static final JsonNode SCHEMA = schema();

    @Test
    void it_knows_the_same_settings_as_the_reader() {
        var known = new TreeSet<String>();
        collect(SCHEMA, "", known);

        var read = pathsOf(SettingsReaderTest.EVERYTHING);
        read.add("cluster.kubernetes_dns");
        assertThat(known).containsExactlyElementsOf(read);
    }

    @Test
    void its_defaults_are_the_readers() {
        var written = defaults(SCHEMA);

        assertThat(written).isNotEmpty();
        assertThat(read(written)).isEqualTo(read(Map.of()));
    }

    static List<String> bounded() {
        var paths = new ArrayList<String>();
        collectBounded(SCHEMA, "", paths);
        return paths;
    }

    /// A path and a number beyond one of its bounds.
    @ParameterizedTest
    @MethodSource("bounded")
    void a_number_beyond_its_bounds_is_refused(String pathAndValue) {
        var at = pathAndValue.indexOf('=');
        var path = pathAndValue.substring(0, at);
        var dot = path.indexOf('.');
        var value = Map.of(path.substring(dot + 1), Long.valueOf(pathAndValue.substring(at + 1)));
        Map<String, @Nullable Object> tree = Map.copyOf(value);
        if (dot > 0) {
            tree = Map.of(path.substring(0, dot), value);
        }

        var file = tree;
        var failure = catchThrowableOfType(SettingsException.class, () -> read(file));

        assertThat(failure).as(pathAndValue).isNotNull();
        assertThat(failure.faults()).extracting(SettingsFault::path).containsExactly(path);
    }

    private static void collect(JsonNode schema, String prefix, Set<String> paths) {
        schema.path("properties")
                .properties()
                .forEach(property -> {
                    var path = prefix + property.getKey();
                    var value = property.getValue();
                    if (value.has("properties")) {
                        assertThat(value.path("additionalProperties").isBoolean())
                                .as("%s refuses what it does not know", path)
                                .isTrue();
                        collect(value, path + ".", paths);
                    } else {
                        paths.add(path);
                    }
                });
    }

    private static Set<String> pathsOf(Map<String, @Nullable Object> tree) {
        var paths = new TreeSet<String>();
        tree.forEach((key, value) -> {
            if (value instanceof Map<?, ?> child) {
                child.keySet().forEach(below -> paths.add(key + "." + below));
            } else {
                paths.add(key);
            }
        });
        return paths;
    }

    private static Map<String, @Nullable Object> defaults(JsonNode schema) {
        var values = new LinkedHashMap<String, @Nullable Object>();
        schema.path("properties")
                .properties()
                .forEach(property -> {
                    var value = property.getValue();
                    if (value.has("properties")) {
                        values.put(property.getKey(), defaults(value));
                    } else if (value.has("default")) {
                        values.put(
                                property.getKey(),
                                new ObjectMapper()
                                        .convertValue(value.get("default"), Object.class));
                    }
                });
        return values;
    }

    private static void collectBounded(JsonNode schema, String prefix, List<String> paths) {
        schema.path("properties")
                .properties()
                .forEach(property -> {
                    var path = prefix + property.getKey();
                    var value = property.getValue();
                    collectBounded(value, path + ".", paths);
                    if (value.has("minimum")) {
                        paths.add(path + "=" + (value.get("minimum").longValue() - 1));
                    }
                    if (value.has("maximum")) {
                        paths.add(path + "=" + (value.get("maximum").longValue() + 1));
                    }
                });
    }

    private static NodeSettings read(Map<String, @Nullable Object> file) {
        return new SettingsReader(Map.of()).read(file, "tollgate.yaml");
    }

    private static JsonNode schema() {
        try {
            return new ObjectMapper()
                    .readTree(Files.readString(Path.of("../docs/tollgate.schema.json")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
