package dev.tollgate.admin.desired;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the settings ask for.
///
/// @param budgets as they stand in the file: the API's body with a `name`
/// @param keys as they stand in the file: the API's body with `secret_env` or `secret_file`
/// @param dailyTokensPerUser of the ready-made budget for each end user, 0 for none
/// @param dailyUsd of the ready-made budget in dollars, empty for none
public record Wanted(
        List<Map<String, @Nullable Object>> budgets,
        List<Map<String, @Nullable Object>> keys,
        long dailyTokensPerUser,
        String dailyUsd) {

    public Wanted {
        budgets = List.copyOf(budgets);
        keys = List.copyOf(keys);
    }
}
