package dev.tollgate.node.store;

import dev.tollgate.budget.OutboxEntry;
import java.util.List;

/// Outbox entries as the JSON that the schema's booking functions read. Rows are copied, never
/// parsed.
public final class OutboxJson {

    private OutboxJson() {}

    public static byte[] array(List<OutboxEntry> entries) {
        var json = new JsonWriter().open('[');
        for (var entry : entries) {
            write(json, entry);
        }
        return json.close(']').toBytes();
    }

    public static byte[] one(OutboxEntry entry) {
        var json = new JsonWriter();
        write(json, entry);
        return json.toBytes();
    }

    private static void write(JsonWriter json, OutboxEntry entry) {
        json.open('{').number("seq", entry.seq()).name("row").raw(entry.row());
        if (!entry.alerts().isEmpty()) {
            json.name("alerts").open('[');
            for (var crossing : entry.alerts()) {
                write(json, crossing);
            }
            json.close(']');
        }
        json.close('}');
    }

    private static void write(JsonWriter json, OutboxEntry.Crossing crossing) {
        json.open('{')
                .text("budget_id", crossing.counter().budgetId().toString())
                .text("subject", crossing.counter().subject())
                .number("window_start", crossing.counter().windowStart())
                .text("limit_name", crossing.measure().label())
                .number("threshold", crossing.perMille())
                .number("limit_amount", crossing.limit())
                .number("used_amount", crossing.used())
                .close('}');
    }
}
