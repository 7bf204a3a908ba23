package dev.tollgate.node.settings;

import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A level of the settings file, read key by key. Faults are collected, not thrown, so that all of
/// them can be told at once; a key that nobody asked for is one of them.
final class SettingsTree {

    private final Map<String, @Nullable Object> values;
    private final String path;
    private final List<SettingsFault> faults;
    private final Set<String> known = new HashSet<>();
    private final List<SettingsTree> children = new ArrayList<>();

    SettingsTree(Map<String, @Nullable Object> values, String path, List<SettingsFault> faults) {
        this.values = values;
        this.path = path;
        this.faults = faults;
    }

    String pathOf(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    String text(String key, String absent) {
        return optionalText(key).orElse(absent);
    }

    Optional<String> optionalText(String key) {
        return switch (take(key)) {
            case null -> Optional.empty();
            case String text when !text.isBlank() -> Optional.of(text.strip());
            case Number number -> Optional.of(number.toString());
            case Object other -> {
                fault(key, other, "text");
                yield Optional.empty();
            }
        };
    }

    String requiredText(String key) {
        var text = optionalText(key);
        if (text.isEmpty() && !values.containsKey(key)) {
            fault(key, "absent", "text");
        }
        return text.orElse("");
    }

    int integer(String key, int absent, int min, int max) {
        return (int) number(key, absent, min, max);
    }

    long number(String key, long absent, long min, long max) {
        var value = take(key);
        if (value == null) {
            return absent;
        }
        try {
            var number = new BigDecimal(value.toString().strip()).longValueExact();
            if (number >= min && number <= max) {
                return number;
            }
        } catch (ArithmeticException | NumberFormatException _) {
            // told below, like a number out of range
        }
        fault(key, value, "a whole number from " + min + " to " + max);
        return absent;
    }

    /// A duration such as `500ms`, `30s`, `5m`, `24h`, `7d`.
    Duration duration(String key, Duration absent, Duration min, Duration max) {
        var value = take(key);
        if (value == null) {
            return absent;
        }
        var read = parseDuration(value.toString().strip().toLowerCase(Locale.ROOT));
        if (read.isPresent() && read.get().compareTo(min) >= 0 && read.get().compareTo(max) <= 0) {
            return read.get();
        }
        fault(
                key,
                value,
                "a duration from "
                        + min.toMillis()
                        + "ms to "
                        + max.toMillis()
                        + "ms, such as 30s or 500ms");
        return absent;
    }

    <E extends Enum<E>> E choice(String key, E absent) {
        var value = take(key);
        if (value == null) {
            return absent;
        }
        var labels = new ArrayList<String>();
        for (var constant : absent.getDeclaringClass().getEnumConstants()) {
            var label = constant.name().toLowerCase(Locale.ROOT);
            if (label.equals(value.toString().strip())) {
                return constant;
            }
            labels.add(label);
        }
        fault(key, value, "one of " + String.join(", ", labels));
        return absent;
    }

    /// An `http` or `https` address without user, query or fragment.
    Optional<URI> url(String key) {
        var text = optionalText(key);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            var url = URI.create(text.get().replaceAll("/+$", ""));
            var scheme = String.valueOf(url.getScheme());
            if ((scheme.equals("http") || scheme.equals("https"))
                    && url.getHost() != null
                    && url.getUserInfo() == null
                    && url.getQuery() == null
                    && url.getFragment() == null) {
                return Optional.of(url);
            }
        } catch (IllegalArgumentException _) {
            // told below
        }
        fault(key, text.get(), "an http or https address without user, query or fragment");
        return Optional.empty();
    }

    /// A list of texts, or one text with commas between them.
    List<String> texts(String key) {
        var value = take(key);
        if (value == null) {
            return List.of();
        }
        var items = value instanceof List<?> list ? list : List.of(value.toString().split(","));
        var texts = new ArrayList<String>();
        for (var item : items) {
            if (item == null || item instanceof List<?> || item instanceof Map<?, ?>) {
                fault(key, value, "a list of texts");
                return List.of();
            }
            if (!item.toString().isBlank()) {
                texts.add(item.toString().strip());
            }
        }
        return texts;
    }

    SettingsTree child(String key) {
        var value = take(key);
        var child = new SettingsTree(tree(key, value), pathOf(key), faults);
        children.add(child);
        return child;
    }

    /// The trees of a list, each read by the same code.
    List<SettingsTree> children(String key) {
        var items = list(key);
        var trees = new ArrayList<SettingsTree>();
        for (var i = 0; i < items.size(); i++) {
            var at = key + "[" + i + "]";
            var child = new SettingsTree(tree(at, items.get(i)), pathOf(at), faults);
            children.add(child);
            trees.add(child);
        }
        return trees;
    }

    /// Trees that another reader checks.
    List<Map<String, @Nullable Object>> rawList(String key) {
        var items = list(key);
        var trees = new ArrayList<Map<String, @Nullable Object>>();
        for (var i = 0; i < items.size(); i++) {
            trees.add(tree(key + "[" + i + "]", items.get(i)));
        }
        return trees;
    }

    void fault(String key, Object value, String expected) {
        faults.add(new SettingsFault(pathOf(key), String.valueOf(value), expected));
    }

    /// Tells every key that was not asked for, here and below.
    void refuseUnknown() {
        for (var key : values.keySet()) {
            if (!known.contains(key)) {
                fault(
                        key,
                        "present",
                        "no such setting; known here: "
                                + String.join(", ", known.stream().sorted().toList()));
            }
        }
        children.forEach(SettingsTree::refuseUnknown);
    }

    private List<?> list(String key) {
        return switch (take(key)) {
            case null -> List.of();
            case List<?> items -> items;
            case Object other -> {
                fault(key, other, "a list");
                yield List.of();
            }
        };
    }

    private Map<String, @Nullable Object> tree(String key, @Nullable Object value) {
        var tree = new LinkedHashMap<String, @Nullable Object>();
        switch (value) {
            case null -> {}
            case Map<?, ?> map -> map.forEach((name, item) -> tree.put(String.valueOf(name), item));
            default -> fault(key, value, "a group of settings");
        }
        return tree;
    }

    private @Nullable Object take(String key) {
        known.add(key);
        return values.get(key);
    }

    private static Optional<Duration> parseDuration(String text) {
        var digits = text.replaceAll("[^0-9].*$", "");
        if (digits.isEmpty() || digits.length() > 12) {
            return Optional.empty();
        }
        var amount = Long.parseLong(digits);
        return switch (text.substring(digits.length())) {
            case "ms" -> Optional.of(Duration.ofMillis(amount));
            case "s" -> Optional.of(Duration.ofSeconds(amount));
            case "m" -> Optional.of(Duration.ofMinutes(amount));
            case "h" -> Optional.of(Duration.ofHours(amount));
            case "d" -> Optional.of(Duration.ofDays(amount));
            default -> Optional.empty();
        };
    }
}
