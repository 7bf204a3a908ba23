package dev.tollgate.admin.http;

import dev.tollgate.admin.json.Json;
import dev.tollgate.admin.json.Tree;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a call is answered with.
///
/// @param body text; empty for none
public record Answer(int status, Map<String, String> headers, String contentType, String body) {

    private static final String JSON = "application/json";
    private static final String PROBLEM = "application/problem+json";

    public Answer {
        headers = Map.copyOf(headers);
    }

    public static Answer json(int status, Tree body) {
        return new Answer(status, Map.of(), JSON, Json.write(body));
    }

    public static Answer text(int status, String contentType, String body) {
        return new Answer(status, Map.of(), contentType, body);
    }

    public static Answer noContent() {
        return new Answer(204, Map.of(), "", "");
    }

    static Answer problem(int status, Tree body, Map<String, String> headers) {
        return new Answer(status, headers, PROBLEM, Json.write(body));
    }

    public Answer with(String header, String value) {
        var more = new LinkedHashMap<>(headers);
        more.put(header, value);
        return new Answer(status, more, contentType, body);
    }

    /// With the revision of the resource, which `if-match` can name.
    public Answer withRevision(long revision) {
        return with("etag", Revision.tag(revision));
    }
}
