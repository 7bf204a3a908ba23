package dev.tollgate.admin.http;

import dev.tollgate.admin.json.Timestamps;
import dev.tollgate.admin.problem.AdminProblem.Invalid;
import dev.tollgate.admin.problem.AdminRefusal;
import dev.tollgate.admin.problem.Fault;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;

/// Reads the parameters of a query and collects what is wrong with them. Confined to one thread.
public final class Query {

    private static final int TEXT_CHARACTERS_MAX = 256;
    private static final int CURSOR_CHARACTERS_MAX = 2000;

    private static final String TIME = "an RFC 3339 time or date, as in 2026-11-20T12:00:00Z";
    private static final String CURSOR = "the `next` of a page of this list";

    private final Map<String, List<String>> values;
    private final Set<String> known = new LinkedHashSet<>();
    private final List<Fault> faults = new ArrayList<>();

    Query(Map<String, List<String>> values) {
        this.values = values;
    }

    public Optional<String> text(String name) {
        return read(
                name,
                value ->
                        value.isEmpty() || value.length() > TEXT_CHARACTERS_MAX
                                ? Optional.empty()
                                : Optional.of(value),
                "1 to " + TEXT_CHARACTERS_MAX + " characters");
    }

    /// As [#text], where empty text is a value too.
    public Optional<String> textOrEmpty(String name) {
        return read(
                name,
                value ->
                        value.length() > TEXT_CHARACTERS_MAX
                                ? Optional.empty()
                                : Optional.of(value),
                "at most " + TEXT_CHARACTERS_MAX + " characters");
    }

    public int limit(int byDefault, int max) {
        return read(
                        "limit",
                        value -> integer(value).filter(limit -> limit >= 1 && limit <= max),
                        "an integer of 1 to " + max)
                .map(Long::intValue)
                .orElse(byDefault);
    }

    public boolean flag(String name) {
        return read(
                        name,
                        value ->
                                switch (value) {
                                    case "true" -> Optional.of(true);
                                    case "false" -> Optional.of(false);
                                    default -> Optional.empty();
                                },
                        "true or false")
                .orElse(false);
    }

    public Optional<UUID> uuid(String name) {
        return read(name, Query::parseUuid, "a UUID");
    }

    public Optional<Instant> time(String name) {
        return read(name, Timestamps::parse, TIME);
    }

    /// Comma-separated names out of `allowed`, each once.
    public List<String> names(String name, List<String> allowed) {
        return read(
                        name,
                        value -> {
                            var names = List.of(value.split(",", -1));
                            var once = new LinkedHashSet<>(names);
                            return once.size() == names.size() && allowed.containsAll(once)
                                    ? Optional.of(names)
                                    : Optional.empty();
                        },
                        "each at most once, of " + String.join(", ", allowed))
                .orElse(List.of());
    }

    /// Where the page before ended.
    ///
    /// @param parts how many parts cursors of this list have
    public Optional<Cursor> cursor(String list, int parts) {
        return read(
                "cursor",
                value ->
                        value.length() > CURSOR_CHARACTERS_MAX
                                ? Optional.empty()
                                : Cursor.parse(value, list, parts),
                CURSOR);
    }

    /// A part of a cursor that must be a time.
    public Optional<Instant> timeOf(Cursor cursor, int part) {
        return partOf(cursor, Timestamps.parse(cursor.part(part)));
    }

    /// A part of a cursor that must be a UUID.
    public Optional<UUID> uuidOf(Cursor cursor, int part) {
        return partOf(cursor, parseUuid(cursor.part(part)));
    }

    /// A part of a cursor that must be an integer.
    public Optional<Long> integerOf(Cursor cursor, int part) {
        return partOf(cursor, integer(cursor.part(part)));
    }

    private <T> Optional<T> partOf(Cursor cursor, Optional<T> value) {
        if (value.isEmpty()) {
            faults.add(new Fault("cursor", cursor.write(), CURSOR));
        }
        return value;
    }

    public void refuse(Fault fault) {
        faults.add(fault);
    }

    /// @throws AdminRefusal with every fault, parameters that nobody asked for among them
    public void end() {
        for (var name : values.keySet()) {
            if (!known.contains(name)) {
                faults.add(
                        new Fault(
                                name,
                                String.join(",", values.getOrDefault(name, List.of())),
                                known.isEmpty()
                                        ? "no parameters"
                                        : "one of " + String.join(", ", known)));
            }
        }
        if (!faults.isEmpty()) {
            throw new AdminRefusal(new Invalid(faults));
        }
    }

    private <T> Optional<T> read(
            String name, Function<String, Optional<T>> parse, String expected) {
        known.add(name);
        var given = values.getOrDefault(name, List.of());
        if (given.isEmpty()) {
            return Optional.empty();
        }
        if (given.size() > 1) {
            faults.add(new Fault(name, String.join(",", given), "given once"));
            return Optional.empty();
        }
        var value = given.getFirst();
        var parsed = parse.apply(value);
        if (parsed.isEmpty()) {
            faults.add(new Fault(name, value, expected));
        }
        return parsed;
    }

    /// The UUID that a text is, in its whole form.
    public static Optional<UUID> parseUuid(String text) {
        try {
            var uuid = UUID.fromString(text);
            // fromString also takes shortened forms
            return uuid.toString().equalsIgnoreCase(text) ? Optional.of(uuid) : Optional.empty();
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static Optional<Long> integer(String value) {
        try {
            return Optional.of(Long.parseLong(value));
        } catch (NumberFormatException _) {
            return Optional.empty();
        }
    }
}
