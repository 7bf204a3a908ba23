package dev.tollgate.node.http;

import dev.tollgate.budget.Limits;
import dev.tollgate.budget.Measure;
import dev.tollgate.budget.Standing;
import dev.tollgate.caller.Caller;
import dev.tollgate.price.Money;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What callers read about themselves. Cost is in dollars, as text; all else is counts.
final class CallerJson {

    private CallerJson() {}

    static JsonObject me(Caller caller, List<Standing> standings, List<String> models) {
        var budgets = new JsonArray();
        standings.forEach(standing -> budgets.add(budget(standing)));
        return new JsonObject()
                .put("organization", caller.organization())
                .put("key", caller.key().orElse(null))
                .put("name", caller.keyName())
                .put("user", orNull(caller.user()))
                .put("team", orNull(caller.team()))
                .put("project", orNull(caller.project()))
                .put("budgets", budgets)
                .put("models", new JsonArray(models));
    }

    static JsonObject story(RequestStory story) {
        var attempts = new JsonArray();
        var cost = 0L;
        var input = 0L;
        var output = 0L;
        for (var attempt : story.attempts()) {
            attempts.add(attempt(attempt));
            cost += attempt.cost().map(Money::nanoUsd).orElse(0L);
            input += attempt.tokens().input();
            output += attempt.tokens().output();
        }
        return new JsonObject()
                .put("id", story.id().toString())
                .put("at", story.at().toString())
                .put("endpoint", story.endpoint())
                .put("route", orNull(story.route()))
                .put("attempts", attempts)
                .put("input_tokens", input)
                .put("output_tokens", output)
                .put("cost_usd", new Money(cost).toUsd());
    }

    private static JsonObject budget(Standing standing) {
        var json =
                new JsonObject()
                        .put("name", standing.budget())
                        .put("subject", orNull(standing.counter().subject()))
                        .put("resets_at", resetsAt(standing.windowEnd()));
        for (var measure : Measure.values()) {
            json.put(measure.label(), measured(standing, measure));
        }
        return json;
    }

    private static JsonObject measured(Standing standing, Measure measure) {
        return new JsonObject()
                .put("posted", amount(measure, standing.posted().of(measure)))
                .put("held", amount(measure, standing.held().of(measure)))
                .put("limit", amount(measure, standing.limits().of(measure)))
                .put("remaining", amount(measure, standing.remaining(measure)));
    }

    private static @Nullable Object amount(Measure measure, long amount) {
        if (amount == Limits.NONE_SET) {
            return null;
        }
        return measure == Measure.COST_USD ? new Money(amount).toUsd() : (Object) amount;
    }

    private static @Nullable String resetsAt(long epochSeconds) {
        return epochSeconds == Long.MAX_VALUE
                ? null
                : Instant.ofEpochSecond(epochSeconds).toString();
    }

    private static JsonObject attempt(RequestStory.Attempt attempt) {
        var usage = attempt.tokens();
        return new JsonObject()
                .put("id", attempt.id().toString())
                .put("attempt", attempt.number())
                .put("kind", attempt.kind())
                .put("corrects", attempt.corrects().map(UUID::toString).orElse(null))
                .put("provider", attempt.provider())
                .put("model", attempt.model())
                .put("served_model", orNull(attempt.servedModel()))
                .put("status", attempt.status())
                .put("input_tokens", usage.input())
                .put("uncached_input_tokens", usage.uncachedInput())
                .put("cache_read_tokens", usage.cacheRead())
                .put("cache_write_5m_tokens", usage.cacheWrite5m())
                .put("cache_write_1h_tokens", usage.cacheWrite1h())
                .put("output_tokens", usage.output())
                .put("reasoning_tokens", usage.reasoning())
                .put("usage_source", attempt.usageSource().label())
                .put("cost_usd", attempt.cost().map(Money::toUsd).orElse(null))
                .put("duration_ms", attempt.durationMillis())
                .put("first_byte_ms", attempt.firstByteMillis());
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }
}
