package dev.tollgate.admin.change;

import dev.tollgate.admin.http.Call;
import org.jspecify.annotations.Nullable;

/// Who makes a change, for the audit.
public record Author(String actor, @Nullable String requestId, @Nullable String remoteAddress) {

    public static Author of(Call call) {
        return new Author(call.actor(), call.requestId(), call.remoteAddress());
    }

    /// The file or the environment, at the start of a node.
    public static Author of(Manager manager) {
        return new Author(manager.label(), null, null);
    }
}
