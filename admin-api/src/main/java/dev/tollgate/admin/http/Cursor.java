package dev.tollgate.admin.http;

import dev.tollgate.admin.json.Json;
import dev.tollgate.admin.json.Tree;
import dev.tollgate.admin.problem.AdminRefusal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/// Where a page ended: the sort values of its last item. Opaque to callers, and of no use to them
/// with another list.
public record Cursor(String list, List<String> parts) {

    public Cursor {
        parts = List.copyOf(parts);
    }

    public String part(int index) {
        return parts.get(index);
    }

    /// As it is handed out.
    public String write() {
        var json = Json.write(Tree.object().with("l", list).with("p", parts));
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    static Optional<Cursor> parse(String text, String list, int partCount) {
        try {
            var tree = Json.readObject(Base64.getUrlDecoder().decode(text));
            if (!list.equals(tree.get("l")) || !(tree.get("p") instanceof List<?> given)) {
                return Optional.empty();
            }
            var parts = new ArrayList<String>();
            for (var part : given) {
                if (!(part instanceof String value)) {
                    return Optional.empty();
                }
                parts.add(value);
            }
            return parts.size() == partCount
                    ? Optional.of(new Cursor(list, parts))
                    : Optional.empty();
        } catch (IllegalArgumentException | AdminRefusal _) {
            return Optional.empty();
        }
    }
}
