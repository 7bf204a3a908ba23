package dev.tollgate.policy;

import java.util.ArrayList;
import java.util.List;

/// A pattern of model names: `*` stands for any text, also none; everything else for itself. Case
/// matters.
///
/// Matching is linear in the name for each `*`, whatever the pattern.
public final class Glob {

    private final String pattern;
    private final List<String> parts;

    private Glob(String pattern) {
        this.pattern = pattern;
        this.parts = split(pattern);
    }

    public static Glob of(String pattern) {
        return new Glob(pattern);
    }

    public static List<Glob> all(List<String> patterns) {
        return patterns.stream().map(Glob::of).toList();
    }

    /// Whether one of `globs` matches.
    public static boolean anyMatches(List<Glob> globs, String text) {
        for (var i = 0; i < globs.size(); i++) {
            if (globs.get(i).matches(text)) {
                return true;
            }
        }
        return false;
    }

    public boolean matches(String text) {
        var first = parts.getFirst();
        if (parts.size() == 1) {
            return text.equals(first);
        }
        var last = parts.getLast();
        if (!text.startsWith(first) || !text.endsWith(last)) {
            return false;
        }
        var end = text.length() - last.length();
        var from = first.length();
        for (var i = 1; i < parts.size() - 1; i++) {
            var found = text.indexOf(parts.get(i), from);
            if (found < 0) {
                return false;
            }
            from = found + parts.get(i).length();
        }
        return from <= end;
    }

    @Override
    public String toString() {
        return pattern;
    }

    private static List<String> split(String pattern) {
        var parts = new ArrayList<String>();
        var from = 0;
        for (var star = pattern.indexOf('*'); star >= 0; star = pattern.indexOf('*', from)) {
            parts.add(pattern.substring(from, star));
            from = star + 1;
        }
        parts.add(pattern.substring(from));
        return List.copyOf(parts);
    }
}
