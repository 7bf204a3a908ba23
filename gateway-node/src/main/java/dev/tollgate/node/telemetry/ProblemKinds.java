package dev.tollgate.node.telemetry;

import dev.tollgate.problem.Problem;
import java.util.Locale;

/// The short name of each kind of [Problem], for labels: `BudgetExhausted` is `budget_exhausted`.
final class ProblemKinds {

    private static final ClassValue<String> NAMES =
            new ClassValue<>() {
                @Override
                protected String computeValue(Class<?> kind) {
                    return kind.getSimpleName()
                            .replaceAll("(?<=[a-z])(?=[A-Z])", "_")
                            .toLowerCase(Locale.ROOT);
                }
            };

    private ProblemKinds() {}

    static String of(Problem problem) {
        return NAMES.get(problem.getClass());
    }
}
