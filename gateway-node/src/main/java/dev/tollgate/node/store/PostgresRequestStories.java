package dev.tollgate.node.store;

import static dev.tollgate.schema.jooq.Tables.LEDGER;

import dev.tollgate.caller.Caller;
import dev.tollgate.node.http.RequestStories;
import dev.tollgate.node.http.RequestStory;
import dev.tollgate.node.http.RequestStory.Tokens;
import dev.tollgate.price.Money;
import dev.tollgate.schema.jooq.tables.records.LedgerRecord;
import dev.tollgate.tokens.UsageSource;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;

/// What became of requests, from the ledger. A request is found once it is booked.
public final class PostgresRequestStories implements RequestStories {

    private static final long MICROS_PER_MILLI = 1000;

    private final Vertx vertx;
    private final DSLContext sql;

    public PostgresRequestStories(Vertx vertx, DSLContext sql) {
        this.vertx = vertx;
        this.sql = sql;
    }

    @Override
    public Future<Optional<RequestStory>> find(String organization, Caller caller, UUID requestId) {
        return vertx.executeBlocking(() -> story(read(organization, caller, requestId)), false)
                .map(Objects::requireNonNull);
    }

    private List<LedgerRecord> read(String organization, Caller caller, UUID requestId) {
        var ownKey =
                caller.key()
                        .map(LEDGER.KEY_ID::eq)
                        .orElseGet(() -> LEDGER.KEY_ID.isNull().or(LEDGER.KEY_ID.eq("")));
        return sql.selectFrom(LEDGER)
                .where(LEDGER.REQUEST_ID.eq(requestId))
                .and(LEDGER.ORGANIZATION.eq(organization))
                .and(ownKey)
                .orderBy(LEDGER.ATTEMPT, LEDGER.ID)
                .fetch();
    }

    private static Optional<RequestStory> story(List<LedgerRecord> rows) {
        if (rows.isEmpty()) {
            return Optional.empty();
        }
        var first = rows.getFirst();
        return Optional.of(
                new RequestStory(
                        first.getRequestId(),
                        first.getOccurredAt().toInstant(),
                        orEmpty(first.getEndpoint()),
                        orEmpty(first.getRoute()),
                        rows.stream().map(PostgresRequestStories::attempt).toList()));
    }

    private static RequestStory.Attempt attempt(LedgerRecord row) {
        return new RequestStory.Attempt(
                row.getId(),
                row.getAttempt(),
                row.getKind(),
                Optional.ofNullable(row.getCorrects()),
                orEmpty(row.getProvider()),
                orEmpty(row.getRequestedModel()),
                orEmpty(row.getServedModel()),
                tokens(row),
                row.getUsageSource() == null
                        ? UsageSource.PROVIDER
                        : UsageSource.valueOf(row.getUsageSource().toUpperCase(Locale.ROOT)),
                Optional.ofNullable(row.getCostNanoUsd()).map(Money::new),
                row.getStatus(),
                millis(row.getDurationUs()),
                millis(row.getFirstByteUs()));
    }

    private static Tokens tokens(LedgerRecord row) {
        return new Tokens(
                orZero(row.getUncachedInputTokens()),
                orZero(row.getCacheReadTokens()),
                orZero(row.getCacheWrite_5mTokens()),
                orZero(row.getCacheWrite_1hTokens()),
                orZero(row.getOutputTokens()),
                orZero(row.getReasoningTokens()));
    }

    private static long millis(@Nullable Long micros) {
        return orZero(micros) / MICROS_PER_MILLI;
    }

    private static long orZero(@Nullable Number number) {
        return number == null ? 0 : number.longValue();
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
