package dev.tollgate.node.cluster;

/// Ledger rows as bytes of JSON.
final class Rows {

    private Rows() {}

    /// The object with the members of both parts.
    static byte[] joined(byte[] facts, byte[] outcome) {
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
}
