package dev.tollgate.admin.problem;

import java.time.Duration;
import java.util.List;

/// A reason to refuse a call of the admin API.
///
/// The order of the records is the order of precedence.
public sealed interface AdminProblem {

    /// The `Host` names a machine that the node does not answer for. 421.
    record WrongHost(String host) implements AdminProblem {}

    /// A page of another site had a browser send this. 403.
    record CrossSite() implements AdminProblem {}

    /// No such path. 404.
    record UnknownPath(String path) implements AdminProblem {}

    /// The admin token is missing or wrong. 401.
    record Unauthenticated(boolean missing) implements AdminProblem {}

    /// The path exists, but not with this method. 405.
    record UnknownMethod(String method, List<String> allowed) implements AdminProblem {
        public UnknownMethod {
            allowed = List.copyOf(allowed);
        }
    }

    /// The body is larger than is read. 413.
    record BodyTooLarge(long bodyBytesMax) implements AdminProblem {}

    /// The body is not JSON by its own account. 415.
    record NotJson(String contentType) implements AdminProblem {}

    /// Too many calls at once. 503.
    record Busy(Duration retryAfter) implements AdminProblem {}

    /// Fields or parameters are not what they should be; all of them. 400.
    record Invalid(List<Fault> faults) implements AdminProblem {
        public Invalid {
            faults = List.copyOf(faults);
        }
    }

    /// There is no such thing. 404.
    record NotFound(String kind, String name) implements AdminProblem {}

    /// The idempotency key was used with another request. 422.
    record IdempotencyKeyReused(String key) implements AdminProblem {}

    /// The resource is not at the revision asked for. 412.
    record WrongRevision(String kind, String name, String expected, String actual)
            implements AdminProblem {}

    /// The file or the environment manages the resource. 409.
    record ManagedElsewhere(String kind, String name, String managedBy, String where)
            implements AdminProblem {}

    /// Fields that never change would. 409.
    record Immutable(String kind, String name, List<Fault> fields) implements AdminProblem {
        public Immutable {
            fields = List.copyOf(fields);
        }
    }

    /// The name belongs to another resource. 409.
    record NameTaken(String kind, String name) implements AdminProblem {}

    /// The key was revoked, which is for ever. 409.
    record Revoked(String key) implements AdminProblem {}

    /// The change is stored, but this node could not put it in force yet. 503; a repeat is safe.
    record NotYetInForce(long configurationVersion, Duration retryAfter) implements AdminProblem {}

    /// The roll-ups are mended, but the book did not say that it forgot its counters. 503; a repeat
    /// is safe.
    record NotReseeded(Duration retryAfter) implements AdminProblem {}

    /// PostgreSQL does not answer. 503.
    record DatabaseAway(Duration retryAfter) implements AdminProblem {}

    /// A bug; the log has it under the request id. 500.
    record Failed() implements AdminProblem {}
}
