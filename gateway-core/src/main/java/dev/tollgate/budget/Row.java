package dev.tollgate.budget;

import java.nio.charset.StandardCharsets;

/// Ledger rows as bytes of JSON, joined from members that the book never reads.
final class Row {

    static final byte[] NOTHING = {};

    private Row() {}

    /// The object with the members of both parts.
    static byte[] join(byte[] facts, byte[] outcome) {
        var comma = facts.length > 0 && outcome.length > 0 ? 1 : 0;
        var row = new byte[facts.length + comma + outcome.length + 2];
        row[0] = '{';
        System.arraycopy(facts, 0, row, 1, facts.length);
        if (comma == 1) {
            row[1 + facts.length] = ',';
        }
        System.arraycopy(outcome, 0, row, 1 + facts.length + comma, outcome.length);
        row[row.length - 1] = '}';
        return row;
    }

    /// The outcome of a request whose node died: all it held. Names are those of the ledger.
    static byte[] ofOrphan(Amounts used, boolean priced) {
        var members =
                "\"requests\":"
                        + used.requests()
                        + ",\"uncached_input_tokens\":"
                        + used.inputTokens()
                        + ",\"output_tokens\":"
                        + used.outputTokens()
                        + ",\"cost_nano_usd\":"
                        + (priced ? Long.toString(used.costNanoUsd()) : "null")
                        + ",\"usage_source\":\"orphan\",\"status\":\"orphan\"";
        return members.getBytes(StandardCharsets.US_ASCII);
    }
}
