package dev.tollgate.admin.http;

import dev.tollgate.admin.json.Tree;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jooq.Condition;
import org.jooq.Field;

/// A page of a list, found by the sort values of the item before it, so that what is added
/// meanwhile neither repeats nor hides anything.
///
/// @param next empty on the last page
public record Page<T>(List<T> items, Optional<Cursor> next) {

    private static final char ESCAPE = '!';

    public Page {
        items = List.copyOf(items);
    }

    /// @param rows one more than `limit` of them when there is a following page
    public static <T> Page<T> of(List<T> rows, int limit, Function<T, Cursor> cursor) {
        if (rows.size() <= limit) {
            return new Page<>(rows, Optional.empty());
        }
        var items = rows.subList(0, limit);
        return new Page<>(items, Optional.of(cursor.apply(items.getLast())));
    }

    public Tree tree(Function<List<T>, List<Tree>> render) {
        return Tree.object()
                .with("items", render.apply(items))
                .with("next", next.map(Cursor::write).orElse(null));
    }

    /// Whether a column is `pattern`, or begins as it does when it ends in `*`. Nothing else in it
    /// has a meaning, so that no caller can have PostgreSQL search wildly.
    public static Condition matches(Field<String> column, String pattern) {
        if (!pattern.endsWith("*")) {
            return column.eq(pattern);
        }
        return column.like(escape(pattern.substring(0, pattern.length() - 1)) + "%", ESCAPE);
    }

    private static String escape(String text) {
        return text.replace("!", "!!").replace("%", "!%").replace("_", "!_");
    }
}
