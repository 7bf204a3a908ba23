package dev.tollgate.admin.http;

/// What one operation of the OpenAPI document does, in two steps, so that a request is understood
/// (and refused with every fault it has) before anything happens.
///
/// Both steps block and run on a virtual thread; both refuse by
/// [dev.tollgate.admin.problem.AdminRefusal].
@FunctionalInterface
public interface Operation {

    /// Reads parameters and body. Touches nothing.
    Work read(Call call);

    /// The second step.
    @FunctionalInterface
    interface Work {
        Answer run();
    }
}
