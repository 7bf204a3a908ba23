package dev.tollgate.schema;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// An outbox entry as the tests book it, with the fields that the roll-ups add up.
record Entry(
        long seq,
        UUID id,
        String kind,
        Instant occurredAt,
        String endUser,
        String model,
        String status,
        int requests,
        long uncachedInput,
        long cacheRead,
        long cacheWrite,
        long output,
        @Nullable Long costNanoUsd,
        String usageSource,
        List<Charge> charges) {

    /// One counter that an entry is posted to.
    record Charge(UUID budget, String subject, long windowStart) {

        private String toJson() {
            return """
            {"budget": "%s", "subject": "%s", "window_start": %d}\
            """
                    .formatted(budget, subject, windowStart);
        }
    }

    long input() {
        return uncachedInput + cacheRead + cacheWrite;
    }

    long cost() {
        return costNanoUsd == null ? 0 : costNanoUsd;
    }

    String toJson() {
        return """
        {"seq": %d, "alerts": [%s],
          "id": "%s", "request_id": "%s", "attempt": 1, "kind": "%s", "corrects": %s, "occurred_at": "%s",
          "end_user": "%s", "served_model": "%s", "status": "%s", "requests": %d, "uncached_input_tokens": %d,
          "cache_read_tokens": %d, "cache_write_5m_tokens": %d, "output_tokens": %d, "cost_nano_usd": %s,
          "usage_source": "%s", "charges": [%s]}\
        """
                .formatted(
                        seq,
                        charges.stream().map(Entry::alertJson).collect(Collectors.joining(",")),
                        id,
                        id,
                        kind,
                        kind.equals("correction") ? '"' + id.toString() + '"' : "null",
                        occurredAt,
                        endUser,
                        model,
                        status,
                        requests,
                        uncachedInput,
                        cacheRead,
                        cacheWrite,
                        output,
                        costNanoUsd,
                        usageSource,
                        charges.stream().map(Charge::toJson).collect(Collectors.joining(",")));
    }

    private static String alertJson(Charge charge) {
        return """
        {"budget_id": "%s", "subject": "%s", "window_start": %d, "limit_name": "output_tokens", "threshold": 800,
         "limit_amount": 100, "used_amount": 80}\
        """
                .formatted(charge.budget(), charge.subject(), charge.windowStart());
    }
}
