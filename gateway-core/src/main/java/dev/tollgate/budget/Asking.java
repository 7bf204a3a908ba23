package dev.tollgate.budget;

import dev.tollgate.budget.BudgetFilter.HeldExchange;
import dev.tollgate.budget.Command.Exhausted;
import dev.tollgate.budget.Command.Held;
import dev.tollgate.path.Exchange;
import dev.tollgate.problem.Problem;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// A request on its way to a hold: what it asks of which budgets, under one id however often.
///
/// @param counted the tokens counted in the body, 0 before it is counted
/// @param inputTokens the most the input can be
record Asking(
        Exchange exchange,
        UUID id,
        BudgetSet budgets,
        List<BudgetCharge> charges,
        long counted,
        long inputTokens,
        Ask ask,
        int refreshes) {

    static Asking first(Exchange exchange, UUID id, BudgetSet budgets, long nowMillis) {
        return of(exchange, id, budgets, nowMillis, 0, InputBound.ofBytes(exchange), 0);
    }

    /// The same with the budgets of a newer configuration.
    Asking refreshed(BudgetSet newer, long nowMillis) {
        return of(exchange, id, newer, nowMillis, counted, inputTokens, refreshes + 1);
    }

    /// The same with its body counted.
    ///
    /// @param textTokens what the text can be billed as
    Asking counted(long tokens, long textTokens) {
        var bound = InputBound.ofText(exchange, textTokens);
        return new Asking(
                exchange,
                id,
                budgets,
                charges,
                Math.max(1, tokens),
                bound,
                Asks.of(exchange, budgets, charges, bound),
                refreshes);
    }

    private static Asking of(
            Exchange exchange,
            UUID id,
            BudgetSet budgets,
            long nowMillis,
            long counted,
            long inputTokens,
            int refreshes) {
        var deployment = exchange.deployment();
        var facts =
                new Facts(
                        exchange.caller(),
                        exchange.attribution(),
                        deployment.model().name(),
                        deployment.upstreamModel(),
                        deployment.provider().name());
        var charges = budgets.chargesFor(facts, nowMillis);
        var ask = Asks.of(exchange, budgets, charges, inputTokens);
        return new Asking(exchange, id, budgets, charges, counted, inputTokens, ask, refreshes);
    }

    /// Why it cannot even be asked.
    Optional<Problem> refusal() {
        if (charges.size() > Command.ITEMS_MAX) {
            return Optional.of(
                    new Problem.QuotaUnavailable(
                            "budgets that apply: "
                                    + charges.size()
                                    + " (expected: at most "
                                    + Command.ITEMS_MAX
                                    + ")"));
        }
        if (ask.priced() || !exchange.endpoint().billed()) {
            return Optional.empty();
        }
        return charges.stream()
                .filter(charge -> charge.counts() && limitsCost(charge))
                .findFirst()
                .map(charge -> new Problem.Unpriced(exchange.request().model(), charge.budget()));
    }

    private static boolean limitsCost(BudgetCharge charge) {
        return charge.ceilings().costNanoUsd() != Limits.NONE_SET;
    }

    List<BudgetCharge> countingCharges() {
        for (var charge : charges) {
            if (!charge.counts()) {
                return charges.stream().filter(BudgetCharge::counts).toList();
            }
        }
        return charges;
    }

    /// Whether a closer look at the input could make the difference: it would fit without any.
    boolean couldFitWhenCounted(Exhausted exhausted) {
        if (counted > 0) {
            return false;
        }
        var input =
                switch (exhausted.measure()) {
                    case INPUT_TOKENS, TOTAL_TOKENS -> ask.inputTokens();
                    case COST_USD -> Math.ceilDiv(ask.inputCostPico(), 1000L);
                    case REQUESTS, OUTPUT_TOKENS -> 0;
                };
        var standing = exhausted.standing();
        var room =
                exhausted.ceiling()
                        - standing.posted().of(exhausted.measure())
                        - standing.held().of(exhausted.measure());
        return input > 0 && exhausted.asked() - input < room;
    }

    HeldExchange held(Held held) {
        var clamped = held.outputGranted() < ask.outputMax();
        return new HeldExchange(
                clamped ? exchange.clampedTo(held.outputGranted()) : exchange,
                held,
                charges,
                counted);
    }
}
