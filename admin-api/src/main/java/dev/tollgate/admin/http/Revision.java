package dev.tollgate.admin.http;

import dev.tollgate.admin.problem.AdminProblem.WrongRevision;
import dev.tollgate.admin.problem.AdminRefusal;
import java.util.Arrays;

/// Entity tags of resources, and the conditions that name them (RFC 9110, section 13).
///
/// @param ifMatch empty for no condition
/// @param ifNoneMatch empty for no condition
public record Revision(String ifMatch, String ifNoneMatch) {

    private static final String NONE = "nothing";

    static String tag(long revision) {
        return "\"" + revision + "\"";
    }

    /// @throws AdminRefusal when the resource at `revision` is not the one the caller meant
    public void checkPresent(String kind, String name, long revision) {
        if (!ifMatch.isEmpty() && !names(ifMatch, revision)) {
            throw refusal(kind, name, "if-match " + ifMatch, tag(revision));
        }
        if (!ifNoneMatch.isEmpty() && names(ifNoneMatch, revision)) {
            throw refusal(kind, name, "if-none-match " + ifNoneMatch, tag(revision));
        }
    }

    /// @throws AdminRefusal when the caller meant a resource that exists
    public void checkAbsent(String kind, String name) {
        if (!ifMatch.isEmpty()) {
            throw refusal(kind, name, "if-match " + ifMatch, NONE);
        }
    }

    private static boolean names(String condition, long revision) {
        return Arrays.stream(condition.split(","))
                .map(String::strip)
                .anyMatch(tag -> tag.equals("*") || tag.equals(tag(revision)));
    }

    private static AdminRefusal refusal(String kind, String name, String expected, String actual) {
        return new AdminRefusal(new WrongRevision(kind, name, expected, actual));
    }
}
