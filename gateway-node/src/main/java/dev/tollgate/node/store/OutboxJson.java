package dev.tollgate.node.store;

import dev.tollgate.budget.OutboxEntry;
import java.util.List;

/// Outbox entries as the JSON that the schema's booking functions read. Rows are copied, never
/// parsed.
public final class OutboxJson {

    private OutboxJson() {}

    private static final int EMPTY_OBJECT_LENGTH = 2;

    /// For booking: `[{"seq": n, "alerts": [..], and the members of the row}]`. Flat, because
    /// PostgreSQL reads what is nested at twice the price.
    public static byte[] array(List<OutboxEntry> entries) {
        var json = new JsonWriter().open('[');
        for (var entry : entries) {
            json.open('{').number("seq", entry.seq());
            writeAlerts(json, entry);
            if (!isObject(entry.row())) {
                // PostgreSQL refuses it, and it is set aside.
                json.name("row").raw(entry.row());
            } else if (entry.row().length > EMPTY_OBJECT_LENGTH) {
                json.members(entry.row());
            }
            json.close('}');
        }
        return json.close(']').toBytes();
    }

    /// For setting aside: `{"seq": n, "alerts": [..], "row": {..}}`.
    public static byte[] one(OutboxEntry entry) {
        var json = new JsonWriter().open('{').number("seq", entry.seq());
        writeAlerts(json, entry);
        return json.name("row").raw(entry.row()).close('}').toBytes();
    }

    private static boolean isObject(byte[] row) {
        return row.length >= EMPTY_OBJECT_LENGTH && row[0] == '{' && row[row.length - 1] == '}';
    }

    private static void writeAlerts(JsonWriter json, OutboxEntry entry) {
        if (!entry.alerts().isEmpty()) {
            json.name("alerts").open('[');
            for (var crossing : entry.alerts()) {
                write(json, crossing);
            }
            json.close(']');
        }
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
