package dev.tollgate.loadtest.check;

import dev.tollgate.loadtest.provider.TokenClasses;

/// Adds a correction to the row it names.
final class Corrections {

    private Corrections() {}

    static LedgerRow add(LedgerRow row, LedgerRow correction) {
        return new LedgerRow(
                row.id(),
                row.requestId(),
                row.attempt(),
                row.kind(),
                row.corrects(),
                row.model(),
                row.user(),
                row.requests() + correction.requests(),
                add(row.tokens(), correction.tokens()),
                row.inputTotal() + correction.inputTotal(),
                row.outputTotal() + correction.outputTotal(),
                row.costNanoUsd() + correction.costNanoUsd(),
                correction.usageSource(),
                row.status(),
                row.providerRequestId(),
                row.charges());
    }

    private static TokenClasses add(TokenClasses a, TokenClasses b) {
        return new TokenClasses(
                a.uncachedInput() + b.uncachedInput(),
                a.cacheRead() + b.cacheRead(),
                a.cacheWrite5m() + b.cacheWrite5m(),
                a.cacheWrite1h() + b.cacheWrite1h(),
                a.output() + b.output(),
                a.reasoning() + b.reasoning());
    }
}
