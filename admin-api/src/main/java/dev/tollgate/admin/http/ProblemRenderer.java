package dev.tollgate.admin.http;

import dev.tollgate.admin.json.Tree;
import dev.tollgate.admin.problem.AdminProblem;
import dev.tollgate.admin.problem.AdminProblem.BodyTooLarge;
import dev.tollgate.admin.problem.AdminProblem.Busy;
import dev.tollgate.admin.problem.AdminProblem.CrossSite;
import dev.tollgate.admin.problem.AdminProblem.DatabaseAway;
import dev.tollgate.admin.problem.AdminProblem.Failed;
import dev.tollgate.admin.problem.AdminProblem.IdempotencyKeyReused;
import dev.tollgate.admin.problem.AdminProblem.Immutable;
import dev.tollgate.admin.problem.AdminProblem.Invalid;
import dev.tollgate.admin.problem.AdminProblem.ManagedElsewhere;
import dev.tollgate.admin.problem.AdminProblem.NameTaken;
import dev.tollgate.admin.problem.AdminProblem.NotFound;
import dev.tollgate.admin.problem.AdminProblem.NotJson;
import dev.tollgate.admin.problem.AdminProblem.NotReseeded;
import dev.tollgate.admin.problem.AdminProblem.NotYetInForce;
import dev.tollgate.admin.problem.AdminProblem.Revoked;
import dev.tollgate.admin.problem.AdminProblem.Unauthenticated;
import dev.tollgate.admin.problem.AdminProblem.UnknownMethod;
import dev.tollgate.admin.problem.AdminProblem.UnknownPath;
import dev.tollgate.admin.problem.AdminProblem.WrongHost;
import dev.tollgate.admin.problem.AdminProblem.WrongRevision;
import dev.tollgate.admin.problem.Fault;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Renders problems as RFC 9457 problem details.
public final class ProblemRenderer {

    private static final String TYPE = "urn:tollgate:problem:";
    private static final int FAULTS_IN_DETAIL_MAX = 5;

    private ProblemRenderer() {}

    /// @param path of the request, without its query
    public static Answer render(AdminProblem problem, String path, String requestId) {
        var text = textOf(problem);
        var body =
                Tree.object()
                        .with("type", TYPE + text.type)
                        .with("title", text.title)
                        .with("status", text.status)
                        .with("detail", text.detail)
                        .with("instance", path)
                        .with("request_id", requestId);
        var faults = faultsOf(problem);
        if (!faults.isEmpty()) {
            body.with("errors", faults.stream().map(ProblemRenderer::tree).toList());
        }
        return Answer.problem(text.status, body, headersOf(problem));
    }

    private record Text(int status, String type, String title, String detail) {}

    private static Text textOf(AdminProblem problem) {
        return switch (problem) {
            case WrongHost(var host) ->
                    new Text(
                            421,
                            "wrong-host",
                            "The host is not one of ours",
                            "host: %s (expected: an IP address, localhost, or a name listed in the settings)"
                                    .formatted(host));
            case CrossSite() ->
                    new Text(
                            403,
                            "cross-site",
                            "Pages of other sites may not call this",
                            "The request was sent by a browser for a page of another site.");
            case UnknownPath(var path) ->
                    new Text(
                            404,
                            "unknown-path",
                            "There is no such path",
                            path + " (expected: a path of /openapi.yaml)");
            case Unauthenticated(var missing) ->
                    new Text(
                            401,
                            "unauthenticated",
                            "The admin token is missing or wrong",
                            missing
                                    ? "authorization: nothing (expected: Bearer and the admin"
                                            + " token)"
                                    : "authorization: not the admin token (expected: Bearer and the"
                                            + " admin token)");
            case UnknownMethod(var method, var allowed) ->
                    new Text(
                            405,
                            "unknown-method",
                            "The path does not take this method",
                            "method: %s (expected: %s)"
                                    .formatted(method, String.join(", ", allowed)));
            case BodyTooLarge(var max) ->
                    new Text(
                            413,
                            "body-too-large",
                            "The body is too large",
                            "body: more than %d bytes (expected: at most %d)".formatted(max, max));
            case NotJson(var contentType) ->
                    new Text(
                            415,
                            "not-json",
                            "The body must be JSON",
                            "content-type: %s (expected: application/json)".formatted(contentType));
            case Busy _ ->
                    new Text(
                            503,
                            "busy",
                            "Too many calls at once",
                            "The admin API is busy; try again.");
            case Invalid(var faults) ->
                    new Text(400, "invalid-request", "The request is not valid", sentence(faults));
            case NotFound(var kind, var name) ->
                    new Text(
                            404,
                            "not-found",
                            "There is no such " + kind,
                            "%s: %s (expected: one that exists)".formatted(kind, name));
            case IdempotencyKeyReused(var key) ->
                    new Text(
                            422,
                            "idempotency-key-reused",
                            "The idempotency key was used with another request",
                            "idempotency-key: %s (expected: a new one for a new request)"
                                    .formatted(key));
            case WrongRevision(var kind, var name, var expected, var actual) ->
                    new Text(
                            412,
                            "wrong-revision",
                            "The resource is not at that revision",
                            "%s %s: %s (expected: %s)".formatted(kind, name, actual, expected));
            case ManagedElsewhere(var kind, var name, var managedBy, var where) ->
                    new Text(
                            409,
                            "managed-elsewhere",
                            "The resource is managed elsewhere",
                            "%s %s: managed by %s (expected: change it in %s, or pass take_over=true)"
                                    .formatted(kind, name, managedBy, where));
            case Immutable(var kind, var name, var fields) ->
                    new Text(
                            409,
                            "immutable-field",
                            "Some fields never change",
                            "%s %s: %s".formatted(kind, name, sentence(fields)));
            case NameTaken(var kind, var name) ->
                    new Text(
                            409,
                            "name-taken",
                            "The name is taken",
                            "%s: %s (expected: a name that no other %s has)"
                                    .formatted(kind, name, kind));
            case Revoked(var key) ->
                    new Text(
                            409,
                            "revoked",
                            "The key was revoked",
                            "key: %s is revoked (expected: make a new one)".formatted(key));
            case NotYetInForce(var version, _) ->
                    new Text(
                            503,
                            "not-yet-in-force",
                            "The change is stored, but not in force yet",
                            "configuration version %d is stored and comes into force by itself; repeating the request is safe"
                                    .formatted(version));
            case NotReseeded _ ->
                    new Text(
                            503,
                            "not-reseeded",
                            "The roll-ups are mended, but the counters are not read again yet",
                            "the roll-ups are what the ledger says; the book did not answer when it"
                                + " was to read its counters again; repeating the request is safe");
            case DatabaseAway _ ->
                    new Text(
                            503,
                            "database-away",
                            "The database does not answer",
                            "PostgreSQL does not answer; try again.");
            case Failed() ->
                    new Text(
                            500,
                            "failed",
                            "The call failed",
                            "An error of ours; the log has it under this request id.");
        };
    }

    private static List<Fault> faultsOf(AdminProblem problem) {
        return switch (problem) {
            case Invalid(var faults) -> faults;
            case Immutable(_, _, var fields) -> fields;
            default -> List.of();
        };
    }

    private static Map<String, String> headersOf(AdminProblem problem) {
        return switch (problem) {
            case Unauthenticated _ -> Map.of("www-authenticate", "Bearer realm=\"tollgate-admin\"");
            case UnknownMethod(_, var allowed) -> Map.of("allow", String.join(", ", allowed));
            case Busy(var after) -> retryAfter(after);
            case NotYetInForce(_, var after) -> retryAfter(after);
            case NotReseeded(var after) -> retryAfter(after);
            case DatabaseAway(var after) -> retryAfter(after);
            default -> Map.of();
        };
    }

    private static Map<String, String> retryAfter(Duration after) {
        return Map.of("retry-after", Long.toString(Math.max(1, after.toSeconds())));
    }

    private static String sentence(List<Fault> faults) {
        var rest = faults.size() - FAULTS_IN_DETAIL_MAX;
        return faults.stream()
                        .limit(FAULTS_IN_DETAIL_MAX)
                        .map(Fault::sentence)
                        .collect(Collectors.joining("; "))
                + (rest > 0 ? "; and " + rest + " more" : "");
    }

    private static Tree tree(Fault fault) {
        return Tree.object()
                .with("field", fault.field())
                .with("value", fault.value())
                .with("expected", fault.expected());
    }
}
