package dev.tollgate.budget;

import dev.tollgate.path.Exchange;
import dev.tollgate.price.Price;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// What a request asks of its budgets: its worst case, and how far its answer may be shortened.
final class Asks {

    private static final Ask NOT_BILLED = new Ask(0, 0, 0, 0, 0, 1, 0);
    private static final byte[] SERVICE_TIER =
            "\"service_tier\"".getBytes(StandardCharsets.US_ASCII);

    private Asks() {}

    /// @param elasticity says whether elastic budgets may hold less than the worst case
    static Ask of(
            Exchange exchange,
            Elasticity elasticity,
            BudgetSet budgets,
            List<BudgetCharge> charges,
            long inputTokens) {
        if (!exchange.endpoint().billed()) {
            return NOT_BILLED;
        }
        var wanted = outputWanted(exchange);
        var start = start(exchange, elasticity, budgets, charges, wanted);
        var price = exchange.deployment().model().price();
        var tier = price.map(known -> tierPerMille(exchange, known)).orElse(1000);
        var inputPico = price.map(known -> known.inputPicoMax(inputTokens)).orElse(0L);
        var outputPico = price.map(known -> known.outputPicoMax(inputTokens)).orElse(0L);
        return new Ask(
                1,
                inputTokens,
                product(inputTokens, Math.ceilDiv(product(inputPico, tier), 1000L)),
                Math.min(wanted, outputLeast(exchange, budgets, charges, wanted, start.most > 0)),
                wanted,
                exchange.endpoint().produces() ? exchange.request().choices() : 1,
                Math.ceilDiv(product(outputPico, tier), 1000L),
                price.isPresent(),
                start.least,
                start.most);
    }

    /// What elastic budgets cover at the beginning.
    private record Start(long least, long most) {
        static final Start NONE = new Start(0, 0);
    }

    private static Start start(
            Exchange exchange,
            Elasticity elasticity,
            BudgetSet budgets,
            List<BudgetCharge> charges,
            long wanted) {
        var least = 0L;
        for (var charge : charges) {
            if (charge.elastic()) {
                least = Math.max(least, clamp(budgets, charge).outputTokensMin());
            }
        }
        return least == 0 || !elasticity.of(exchange)
                ? Start.NONE
                : new Start(
                        Math.min(wanted, least),
                        Math.min(wanted, Math.max(least, Elasticity.START_TOKENS)));
    }

    private static Budget.Clamp clamp(BudgetSet budgets, BudgetCharge charge) {
        return budgets.byId(charge.counter().budgetId())
                .map(Budget::clamp)
                .orElse(Budget.Clamp.DEFAULT);
    }

    /// The output tokens of one choice, at most, if no budget shortens it.
    static long outputWanted(Exchange exchange) {
        if (!exchange.endpoint().produces()) {
            return 0;
        }
        var model = exchange.deployment().model();
        var asked = exchange.request().outputMax();
        if (asked.isEmpty()) {
            return model.outputBound();
        }
        return model.outputTokensMax() > 0
                ? Math.min(asked.getAsLong(), model.outputTokensMax())
                : asked.getAsLong();
    }

    private static long outputLeast(
            Exchange exchange,
            BudgetSet budgets,
            List<BudgetCharge> charges,
            long wanted,
            boolean elastic) {
        var set = exchange.request().outputMax().isPresent();
        var least = exchange.request().thinkingBudget() + 1;
        for (var charge : charges) {
            if ((elastic && charge.elastic()) ? pacesOutput(charge) : limitsOutput(charge)) {
                var clamp = clamp(budgets, charge);
                if (set && !clamp.always()) {
                    return wanted;
                }
                least = Math.max(least, clamp.outputTokensMin());
            }
        }
        return least;
    }

    private static boolean limitsOutput(BudgetCharge charge) {
        var ceilings = charge.ceilings();
        return charge.counts()
                && (ceilings.outputTokens() != Limits.NONE_SET
                        || ceilings.totalTokens() != Limits.NONE_SET
                        || ceilings.costNanoUsd() != Limits.NONE_SET
                        || pacesOutput(charge));
    }

    /// Rates take the worst case whatever the limits hold: the rest comes back at the end.
    private static boolean pacesOutput(BudgetCharge charge) {
        return charge.counts()
                && (!charge.throttles().isEmpty()
                        || charge.rates().stream().anyMatch(Asks::limitsOutput));
    }

    private static boolean limitsOutput(Rate rate) {
        return rate.measure() == Measure.OUTPUT_TOKENS || rate.measure() == Measure.TOTAL_TOKENS;
    }

    /// The dearest service tier when the caller names one, since it is billed by the one that
    /// answered.
    private static int tierPerMille(Exchange exchange, Price price) {
        var dearest = 1000;
        for (int perMille : price.tiersPerMille().values()) {
            dearest = Math.max(dearest, perMille);
        }
        return dearest > 1000 && contains(exchange.request().body(), SERVICE_TIER) ? dearest : 1000;
    }

    private static boolean contains(byte[] body, byte[] text) {
        for (var at = 0; at <= body.length - text.length; at++) {
            if (body[at] == text[0] && startsWith(body, at, text)) {
                return true;
            }
        }
        return false;
    }

    private static boolean startsWith(byte[] body, int at, byte[] text) {
        for (var i = 1; i < text.length; i++) {
            if (body[at + i] != text[i]) {
                return false;
            }
        }
        return true;
    }

    private static long product(long left, long right) {
        var high = Math.multiplyHigh(left, right);
        var low = left * right;
        return high != 0 || low < 0 ? Long.MAX_VALUE : low;
    }
}
