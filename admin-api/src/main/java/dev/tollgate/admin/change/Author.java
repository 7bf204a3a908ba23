package dev.tollgate.admin.change;

import dev.tollgate.admin.http.Call;
import org.jspecify.annotations.Nullable;

/// Who makes a change, for the audit.
public record Author(String actor, @Nullable String requestId, @Nullable String remoteAddress) {

    public static Author of(Call call) {
        return new Author(call.actor(), call.requestId(), call.remoteAddress());
    }

    /// A node that applies the file and the environment at its start.
    public static Author start() {
        return new Author("start", null, null);
    }
}
