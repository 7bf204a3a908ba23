package dev.tollgate.node.settings;

/// One thing wrong with the settings.
public record SettingsFault(String path, String value, String expected) {

    @Override
    public String toString() {
        return path + ": " + value + " (expected: " + expected + ")";
    }
}
