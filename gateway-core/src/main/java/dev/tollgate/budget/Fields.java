package dev.tollgate.budget;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// The fields of one object in a tree of maps and lists, read once each. What is wrong, unknown
/// fields included, is noted and read as if it were absent, so that all faults are told at once. A
/// null value is an absent one.
final class Fields {

    private static final int VALUE_CHARACTERS_MAX = 60;

    private final String path;
    private final boolean object;
    private final Map<String, @Nullable Object> unread;
    private final List<Fault> faults;

    private Fields(
            String path, boolean object, Map<String, @Nullable Object> fields, List<Fault> faults) {
        this.path = path;
        this.object = object;
        this.unread = fields;
        this.faults = faults;
    }

    /// Reads `tree`, which has to be an object.
    static Fields of(String path, @Nullable Object tree, List<Fault> faults) {
        var fields = new HashMap<String, @Nullable Object>();
        if (tree instanceof Map<?, ?> map) {
            map.forEach((name, value) -> fields.put(String.valueOf(name), value));
        } else {
            faults.add(new Fault(path.isEmpty() ? "body" : path, shown(tree), "an object"));
        }
        return new Fields(path, tree instanceof Map, fields, faults);
    }

    String at(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    void fault(String name, @Nullable Object value, String expected) {
        faults.add(new Fault(at(name), shown(value), expected));
    }

    /// A fault of a list, told by its size.
    void faultOfSize(String name, int items, String expected) {
        faults.add(new Fault(at(name), items + " items", expected));
    }

    boolean has(String name) {
        return unread.get(name) != null;
    }

    /// Whether nothing is left to read, so that an object just begun is an empty one.
    boolean isEmptyObject() {
        return unread.isEmpty() && object;
    }

    boolean isEmptyList(String name) {
        return unread.get(name) instanceof List<?> items && items.isEmpty();
    }

    @Nullable Object take(String name) {
        return unread.remove(name);
    }

    /// Text of 1 to `charactersMax` characters.
    Optional<String> text(String name, int charactersMax) {
        var value = take(name);
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof String text && !text.isBlank() && text.length() <= charactersMax) {
            return Optional.of(text);
        }
        fault(name, value, "text of 1 to " + charactersMax + " characters");
        return Optional.empty();
    }

    /// One of the constants of an enumeration, as the API writes them.
    <E extends Enum<E>> Optional<E> oneOf(String name, List<E> allowed) {
        var value = take(name);
        if (value == null) {
            return Optional.empty();
        }
        for (var constant : allowed) {
            if (label(constant).equals(value)) {
                return Optional.of(constant);
            }
        }
        var labels = allowed.stream().map(Fields::label).toList();
        fault(name, value, "one of " + String.join(", ", labels));
        return Optional.empty();
    }

    /// A field that has one supported value so far.
    void only(String name, String supported) {
        var value = take(name);
        if (value != null && !value.equals(supported)) {
            fault(name, value, supported + ", the only one supported");
        }
    }

    OptionalLong whole(String name, long min, long max) {
        var value = take(name);
        if (value == null) {
            return OptionalLong.empty();
        }
        var number = number(value);
        if (number != null) {
            try {
                var whole = number.longValueExact();
                if (whole >= min && whole <= max) {
                    return OptionalLong.of(whole);
                }
            } catch (ArithmeticException _) {
                // Told below: it has decimals or is out of range.
            }
        }
        fault(name, value, "a whole number from " + min + " to " + max);
        return OptionalLong.empty();
    }

    /// A number with at most `decimals` decimals, as a whole number of the smallest of them.
    ///
    /// @param textToo whether the number may be written as text
    OptionalLong decimal(
            String name, boolean textToo, int decimals, long min, long max, String expected) {
        var value = take(name);
        var number = textToo && value instanceof String text ? parse(text) : number(value);
        if (number != null && number.precision() <= 40 && Math.abs(number.scale()) <= 40) {
            try {
                var scaled = number.movePointRight(decimals).longValueExact();
                if (scaled >= min && scaled <= max) {
                    return OptionalLong.of(scaled);
                }
            } catch (ArithmeticException _) {
                // Told below: it has more decimals or is out of range.
            }
        }
        fault(name, value, expected);
        return OptionalLong.empty();
    }

    Optional<ZoneId> zone(String name) {
        var value = take(name);
        if (value == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(ZoneId.of((String) value));
        } catch (DateTimeException | ClassCastException _) {
            fault(name, value, "a time zone such as Europe/Berlin or UTC");
            return Optional.empty();
        }
    }

    Optional<Instant> instant(String name) {
        var value = take(name);
        if (value == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Instant.parse((String) value));
        } catch (DateTimeException | ClassCastException _) {
            fault(name, value, "a time such as 2026-01-31T00:00:00Z");
            return Optional.empty();
        }
    }

    /// A list of at most `max` items, or empty when it is absent.
    List<@Nullable Object> list(String name, int max) {
        var value = take(name);
        if (value == null) {
            return List.of();
        }
        if (value instanceof List<?> items && items.size() <= max) {
            return new ArrayList<>(items);
        }
        var expected = "a list of at most " + max + " items";
        if (value instanceof List<?> items) {
            faultOfSize(name, items.size(), expected);
        } else {
            fault(name, value, expected);
        }
        return List.of();
    }

    /// A list of texts of 1 to `charactersMax` characters.
    List<String> texts(String name, int max, int charactersMax) {
        var texts = new ArrayList<String>();
        var items = list(name, max);
        for (var i = 0; i < items.size(); i++) {
            var item = items.get(i);
            if (item instanceof String text && !text.isBlank() && text.length() <= charactersMax) {
                texts.add(text);
            } else {
                fault(name + "[" + i + "]", item, "text of 1 to " + charactersMax + " characters");
            }
        }
        return texts;
    }

    Fields object(String name) {
        var value = take(name);
        return value == null
                ? new Fields(at(name), true, new HashMap<>(), faults)
                : of(at(name), value, faults);
    }

    Fields item(String name, int place, @Nullable Object value) {
        return of(at(name) + "[" + place + "]", value, faults);
    }

    /// What has not been read.
    List<String> rest() {
        return unread.keySet().stream().sorted().toList();
    }

    /// Notes what has not been read as unknown.
    void end(String known) {
        rest().forEach(name -> fault(name, unread.get(name), "no such field; known are " + known));
    }

    static String label(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private static @Nullable BigDecimal number(@Nullable Object value) {
        return value instanceof Number number ? parse(number.toString()) : null;
    }

    private static @Nullable BigDecimal parse(String text) {
        try {
            return text.length() > 60 ? null : new BigDecimal(text);
        } catch (NumberFormatException _) {
            return null;
        }
    }

    private static String shown(@Nullable Object value) {
        if (value == null) {
            return "absent";
        }
        var text = value instanceof String string ? '"' + string + '"' : value.toString();
        return text.length() <= VALUE_CHARACTERS_MAX
                ? text
                : text.substring(0, VALUE_CHARACTERS_MAX) + "...";
    }
}
