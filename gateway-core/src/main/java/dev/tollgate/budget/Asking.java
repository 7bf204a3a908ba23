package dev.tollgate.budget;

import dev.tollgate.budget.BudgetFilter.HeldExchange;
import dev.tollgate.budget.Command.Crowded;
import dev.tollgate.budget.Command.Exhausted;
import dev.tollgate.budget.Command.Held;
import dev.tollgate.budget.Command.RateLimited;
import dev.tollgate.catalogue.Deployment;
import dev.tollgate.path.Exchange;
import dev.tollgate.problem.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// A request on its way to a hold: what it asks of which budgets, under one id however often.
///
/// @param elasticity says whether elastic budgets may hold less than its worst case
/// @param facts what the budgets match it by
/// @param counted the tokens counted in the body, 0 before it is counted
/// @param inputTokens the most the input can be
/// @param refreshes how often its configuration turned out to be old
/// @param led the models that budgets have led it to, in order
/// @param before the attempt that ends when this one is held; empty for a request's first
record Asking(
        Elasticity elasticity,
        Exchange exchange,
        UUID id,
        BudgetSet budgets,
        Facts facts,
        List<BudgetCharge> charges,
        long counted,
        long inputTokens,
        Ask ask,
        int refreshes,
        List<String> led,
        Optional<Ended> before) {

    /// How often a request is led on from model to model.
    static final int LED_MAX = 4;

    /// An attempt that failed, and is settled when the next is held.
    ///
    /// @param number from 1
    /// @param reached whether it, or one before it, reached its provider
    record Ended(UUID id, int number, Amounts used, byte[] outcome, boolean reached) {}

    static Asking first(
            Elasticity elasticity, Exchange exchange, UUID id, BudgetSet budgets, long nowMillis) {
        return of(
                elasticity,
                exchange,
                id,
                budgets,
                nowMillis,
                0,
                InputBound.ofBytes(exchange),
                0,
                List.of(),
                Optional.empty());
    }

    /// The same at another time.
    Asking again(BudgetSet current, long nowMillis) {
        return of(
                elasticity,
                exchange,
                id,
                current,
                nowMillis,
                counted,
                inputTokens,
                refreshes,
                led,
                before);
    }

    /// The same with the budgets of a newer configuration.
    Asking refreshed(BudgetSet newer, long nowMillis) {
        return of(
                elasticity,
                exchange,
                id,
                newer,
                nowMillis,
                counted,
                inputTokens,
                refreshes + 1,
                led,
                before);
    }

    /// The same for the model that a budget leads to: all of it is asked anew. A refused hold took
    /// nothing, so its id is still free.
    Asking ledTo(String model, List<Deployment> deployments, long nowMillis) {
        var other = shortened(exchange.routedTo(deployments));
        var path = new ArrayList<>(led);
        path.add(model);
        return of(
                elasticity,
                other,
                id,
                budgets,
                nowMillis,
                0,
                InputBound.ofBytes(other),
                refreshes,
                List.copyOf(path),
                before);
    }

    /// The request's next attempt, at the first of `deployments`: all of it is asked anew.
    Asking movedTo(
            List<Deployment> deployments,
            UUID next,
            BudgetSet current,
            long nowMillis,
            Ended ended) {
        var other = shortened(exchange.routedTo(deployments));
        return of(
                elasticity,
                other,
                next,
                current,
                nowMillis,
                0,
                InputBound.ofBytes(other),
                0,
                led,
                Optional.of(ended));
    }

    /// The number of the attempt, from 1.
    int attempt() {
        return before.map(Ended::number).orElse(0) + 1;
    }

    /// Whether an earlier attempt reached its provider.
    boolean reachedBefore() {
        return before.isPresent() && before.get().reached();
    }

    /// Models with shorter answers refuse a limit meant for another.
    private static Exchange shortened(Exchange exchange) {
        var most = exchange.deployment().model().outputTokensMax();
        var asked = exchange.request().outputMax();
        return most > 0 && asked.isPresent() && asked.getAsLong() > most
                ? exchange.clampedTo(most)
                : exchange;
    }

    /// The same with its body counted.
    ///
    /// @param textTokens what the text can be billed as
    Asking counted(long tokens, long textTokens) {
        var bound = InputBound.ofText(exchange, textTokens);
        return new Asking(
                elasticity,
                exchange,
                id,
                budgets,
                facts,
                charges,
                Math.max(1, tokens),
                bound,
                Asks.of(exchange, elasticity, budgets, charges, bound),
                refreshes,
                led,
                before);
    }

    private static Asking of(
            Elasticity elasticity,
            Exchange exchange,
            UUID id,
            BudgetSet budgets,
            long nowMillis,
            long counted,
            long inputTokens,
            int refreshes,
            List<String> led,
            Optional<Ended> before) {
        var deployment = exchange.deployment();
        var facts =
                new Facts(
                        exchange.caller(),
                        exchange.attribution(),
                        deployment.model().name(),
                        deployment.upstreamModel(),
                        deployment.provider().name());
        var charges = budgets.chargesFor(facts, nowMillis);
        var ask = Asks.of(exchange, elasticity, budgets, charges, inputTokens);
        return new Asking(
                elasticity,
                exchange,
                id,
                budgets,
                facts,
                charges,
                counted,
                inputTokens,
                ask,
                refreshes,
                led,
                before);
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
        var standing = exhausted.standing();
        var room =
                exhausted.ceiling()
                        - standing.posted().of(exhausted.measure())
                        - standing.held().of(exhausted.measure());
        return couldFitWhenCounted(exhausted.measure(), exhausted.asked(), room);
    }

    /// Likewise.
    boolean couldFitWhenCounted(RateLimited limited) {
        return couldFitWhenCounted(limited.rate().measure(), limited.asked(), limited.left());
    }

    private boolean couldFitWhenCounted(Measure measure, long asked, long room) {
        if (counted > 0) {
            return false;
        }
        var input =
                switch (measure) {
                    case INPUT_TOKENS, TOTAL_TOKENS -> ask.inputTokens();
                    case COST_USD -> Math.ceilDiv(ask.inputCostPico(), 1000L);
                    case REQUESTS, OUTPUT_TOKENS -> 0;
                };
        return input > 0 && asked - input < room;
    }

    /// The model that the budget leads to instead; empty when it refuses, or has led here before.
    /// An attempt that follows another is not led on.
    Optional<String> downgrade(Exhausted exhausted) {
        return exhausted.action().equals(MatchedBudget.DOWNGRADE)
                        && led.size() < LED_MAX
                        && before.isEmpty()
                ? budgets.downgrade(exhausted.standing().counter().budgetId(), facts)
                        .filter(to -> !led.contains(to))
                : Optional.empty();
    }

    /// Where those stand that a budget has no place for.
    HoldQueue.Line line(Crowded crowded) {
        for (var charge : charges) {
            if (charge.budget().equals(crowded.budget())) {
                return HoldQueue.Line.of(charge);
            }
        }
        throw new IllegalStateException("budget " + crowded.budget() + " (expected: one of mine)");
    }

    HeldExchange held(Held held) {
        var clamped = held.outputGranted() < ask.outputMax();
        return new HeldExchange(
                clamped ? exchange.clampedTo(held.outputGranted()) : exchange,
                held,
                charges,
                counted,
                this,
                Optional.empty());
    }
}
