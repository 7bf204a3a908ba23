package dev.tollgate.admin.http;

import dev.tollgate.admin.json.Fields;
import dev.tollgate.admin.json.Json;
import java.util.List;
import java.util.Map;

/// One request as handlers see it: whole, authenticated, and with no framework in sight.
///
/// @param operation its `operationId` in the OpenAPI document
/// @param path without the query
/// @param idempotencyKey empty for none
/// @param actor who is recorded in the audit
public record Call(
        String operation,
        String method,
        String path,
        Map<String, String> pathParameters,
        Map<String, List<String>> query,
        Revision condition,
        String idempotencyKey,
        byte[] body,
        String requestId,
        String remoteAddress,
        String actor) {

    public Call {
        pathParameters = Map.copyOf(pathParameters);
        query = Map.copyOf(query);
    }

    public String organization() {
        return parameter("org");
    }

    /// A parameter of the path, which the route has.
    public String parameter(String name) {
        var value = pathParameters.get(name);
        if (value == null) {
            throw new IllegalArgumentException(operation + " has no parameter " + name);
        }
        return value;
    }

    /// A reader of the query, which refuses what nobody asks it for.
    public Query parameters() {
        return new Query(query);
    }

    /// A reader of the body, which must be an object.
    public Fields fields() {
        return Fields.of(Json.readObject(body));
    }

    @Override
    public String toString() {
        return method + " " + path + " (" + requestId + ")";
    }
}
