package dev.tollgate.node.settings;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads `tollgate.yaml` into plain maps and lists.
public final class SettingsFile {

    private static final YAMLMapper YAML =
            new YAMLMapper(
                    YAMLFactory.builder()
                            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                            .build());

    private SettingsFile() {}

    /// @throws SettingsException when the file is absent or is not YAML
    public static Map<String, @Nullable Object> read(Path file) {
        try {
            var text = Files.readString(file);
            if (text.isBlank()) {
                return Map.of();
            }
            var tree = new LinkedHashMap<String, @Nullable Object>();
            Map<?, ?> read = YAML.readValue(text, LinkedHashMap.class);
            read.forEach((key, value) -> tree.put(String.valueOf(key), value));
            return tree;
        } catch (JacksonException bad) {
            var at = bad.getLocation();
            throw fault(
                    file,
                    at == null ? "unreadable" : "line " + at.getLineNr(),
                    "valid YAML: " + bad.getOriginalMessage());
        } catch (IOException absent) {
            throw fault(file, "cannot be read", "a readable file");
        }
    }

    private static SettingsException fault(Path file, String value, String expected) {
        return new SettingsException(
                "The settings file", List.of(new SettingsFault(file.toString(), value, expected)));
    }
}
