package dev.tollgate.admin.json;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A JSON object in the order in which it is built. Values are text, numbers, booleans, null,
/// lists, maps and other trees.
public final class Tree {

    private final Map<String, @Nullable Object> members = new LinkedHashMap<>();

    private Tree() {}

    public static Tree object() {
        return new Tree();
    }

    public static Tree of(Map<String, ? extends @Nullable Object> members) {
        var tree = new Tree();
        tree.members.putAll(members);
        return tree;
    }

    public Tree with(String name, @Nullable Object value) {
        members.put(name, value instanceof Tree tree ? tree.members : value);
        return this;
    }

    /// Adds all of another's members.
    public Tree withAll(Tree other) {
        members.putAll(other.members);
        return this;
    }

    public @Nullable Object get(String name) {
        return members.get(name);
    }

    public Map<String, @Nullable Object> members() {
        return Collections.unmodifiableMap(members);
    }

    @Override
    public String toString() {
        return Json.write(this);
    }
}
