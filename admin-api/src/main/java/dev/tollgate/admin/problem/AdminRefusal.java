package dev.tollgate.admin.problem;

import java.util.List;

/// The one exception with which an [AdminProblem] travels. It has no stack trace.
public final class AdminRefusal extends RuntimeException {

    private final transient AdminProblem problem;

    public AdminRefusal(AdminProblem problem) {
        super(problem.toString(), null, false, false);
        this.problem = problem;
    }

    /// One fault of a request.
    public static AdminRefusal of(Fault fault) {
        return new AdminRefusal(new AdminProblem.Invalid(List.of(fault)));
    }

    public AdminProblem problem() {
        return problem;
    }
}
