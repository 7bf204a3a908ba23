package dev.tollgate.admin.json;

import dev.tollgate.admin.problem.AdminProblem.Invalid;
import dev.tollgate.admin.problem.AdminRefusal;
import dev.tollgate.admin.problem.Fault;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads the members of an object and collects what is wrong with them. Confined to one thread.
///
/// Absent and null are the same to it; [#has] tells them apart.
public final class Fields {

    private static final Pattern DURATION = Pattern.compile("([1-9][0-9]{0,8})([smhdw])");
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    private final Map<String, ? extends @Nullable Object> members;
    private final String path;
    private final Set<String> known = new LinkedHashSet<>();
    private final List<Fault> faults;

    private Fields(
            Map<String, ? extends @Nullable Object> members, String path, List<Fault> faults) {
        this.members = members;
        this.path = path;
        this.faults = faults;
    }

    public static Fields of(Map<String, ? extends @Nullable Object> members) {
        return new Fields(members, "", new ArrayList<>());
    }

    /// A reader of a part of something larger, whose faults it adds to.
    public static Fields in(
            String path, Map<String, ? extends @Nullable Object> members, List<Fault> faults) {
        return new Fields(members, path, faults);
    }

    public boolean has(String name) {
        known.add(name);
        return members.containsKey(name);
    }

    public Optional<Object> any(String name) {
        known.add(name);
        return Optional.ofNullable(members.get(name));
    }

    /// Text of 1 to `max` characters, none of them a control character.
    public Optional<String> text(String name, int max) {
        var value = any(name);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (value.get() instanceof String text && isText(text, max)) {
            return Optional.of(text);
        }
        refuse(name, value.get(), textOf(max));
        return Optional.empty();
    }

    public String requiredText(String name, int max) {
        if (any(name).isEmpty()) {
            refuse(name, null, textOf(max));
            return "";
        }
        return text(name, max).orElse("");
    }

    public boolean requiredFlag(String name) {
        var value = any(name).orElse(null);
        if (value instanceof Boolean flag) {
            return flag;
        }
        refuse(name, value, "true or false");
        return false;
    }

    /// An RFC 3339 time or date.
    public Optional<Instant> time(String name) {
        var value = any(name);
        var time =
                value.map(given -> given instanceof String text ? text : "")
                        .flatMap(Timestamps::parse);
        if (value.isPresent() && time.isEmpty()) {
            refuse(name, value.get(), "an RFC 3339 time or date, as in 2026-11-20T12:00:00Z");
        }
        return time;
    }

    /// A list of 1 to `itemsMax` texts of up to `max` characters.
    public Optional<List<String>> texts(String name, int itemsMax, int max) {
        var value = any(name);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        if (!(value.get() instanceof List<?> list) || list.isEmpty() || list.size() > itemsMax) {
            refuse(name, value.get(), "a list of 1 to " + itemsMax + " texts");
            return Optional.empty();
        }
        var texts = new ArrayList<String>();
        for (var item : list) {
            if (item instanceof String text && isText(text, max)) {
                texts.add(text);
            } else {
                refuse(name + "[" + list.indexOf(item) + "]", item, textOf(max));
            }
        }
        return Optional.of(texts);
    }

    /// A list of objects, each with its path.
    public List<Part> objects(String name, int itemsMax) {
        var value = any(name);
        if (value.isEmpty()) {
            return List.of();
        }
        if (!(value.get() instanceof List<?> list) || list.size() > itemsMax) {
            refuse(name, value.get(), "a list of at most " + itemsMax + " objects");
            return List.of();
        }
        var parts = new ArrayList<Part>();
        for (var index = 0; index < list.size(); index++) {
            var itemName = name + "[" + index + "]";
            asObject(list.get(index))
                    .ifPresentOrElse(
                            object -> parts.add(new Part(pathOf(itemName), object)),
                            () -> refuse(itemName, "no object", "an object"));
        }
        return parts;
    }

    /// An object inside the one being read.
    public record Part(String path, Map<String, ? extends @Nullable Object> members) {}

    /// When something ends: `expires_at` (a time to come) or `expires_in` (as in `24h`).
    public Optional<Instant> expiry(Instant now, Duration max) {
        var at = any("expires_at");
        var in = any("expires_in");
        if (at.isPresent() && in.isPresent()) {
            refuse("expires_in", in.get(), "only one of expires_in and expires_at");
            return Optional.empty();
        }
        if (at.isPresent()) {
            var time = timeOf(at.get()).filter(Timestamps::storable);
            if (time.isEmpty() || !time.get().isAfter(now)) {
                refuse("expires_at", at.get(), "an RFC 3339 time to come");
                return Optional.empty();
            }
            return time;
        }
        if (in.isPresent()) {
            var duration = durationOf(in.get()).filter(given -> given.compareTo(max) <= 0);
            if (duration.isEmpty()) {
                refuse(
                        "expires_in",
                        in.get(),
                        "a number with s, m, h, d or w, as in 24h, of at most "
                                + max.toDays()
                                + "d");
            }
            return duration.map(now::plus);
        }
        return Optional.empty();
    }

    public void refuse(String name, @Nullable Object value, String expected) {
        faults.add(new Fault(pathOf(name), value, expected));
    }

    public void refuseAll(List<Fault> more) {
        faults.addAll(more);
    }

    /// Names that nobody asked for are faults.
    public void checkKnown() {
        for (var member : members.entrySet()) {
            if (!known.contains(member.getKey())) {
                refuse(
                        member.getKey(),
                        member.getValue(),
                        "a known field, one of " + String.join(", ", known));
            }
        }
    }

    /// @throws AdminRefusal with every fault, unknown members among them
    public void end() {
        checkKnown();
        if (!faults.isEmpty()) {
            throw new AdminRefusal(new Invalid(faults));
        }
    }

    /// The object that a value is, if it is one.
    public static Optional<Map<String, @Nullable Object>> asObject(@Nullable Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            return Optional.empty();
        }
        var tree = Tree.object();
        map.forEach((name, member) -> tree.with(String.valueOf(name), member));
        return Optional.of(tree.members());
    }

    private static boolean isText(String text, int max) {
        return !text.isBlank() && text.length() <= max && !CONTROL.matcher(text).find();
    }

    private static String textOf(int max) {
        return "text of 1 to " + max + " characters, without control characters";
    }

    private static Optional<Instant> timeOf(Object value) {
        try {
            return value instanceof String text
                    ? Optional.of(OffsetDateTime.parse(text).toInstant())
                    : Optional.empty();
        } catch (DateTimeException _) {
            return Optional.empty();
        }
    }

    private static Optional<Duration> durationOf(Object value) {
        if (!(value instanceof String text)) {
            return Optional.empty();
        }
        var matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        var count = Long.parseLong(matcher.group(1));
        return Optional.of(
                switch (matcher.group(2)) {
                    case "s" -> Duration.ofSeconds(count);
                    case "m" -> Duration.ofMinutes(count);
                    case "h" -> Duration.ofHours(count);
                    case "d" -> Duration.ofDays(count);
                    default -> Duration.ofDays(count * 7);
                });
    }

    private String pathOf(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }
}
