package dev.tollgate.admin.change;

import static dev.tollgate.schema.jooq.Tables.IDEMPOTENCY_KEYS;

import dev.tollgate.admin.http.Call;
import dev.tollgate.admin.json.Json;
import dev.tollgate.admin.json.Timestamps;
import dev.tollgate.admin.json.Tree;
import dev.tollgate.admin.problem.AdminProblem.IdempotencyKeyReused;
import dev.tollgate.admin.problem.AdminRefusal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.jooq.DSLContext;

/// Answers by `Idempotency-Key`, kept for 24 hours in the transaction of the change they answer, so
/// that a repeat cannot do it twice.
///
/// The secret in an answer is sealed: a caller who lost the first answer still gets it, and a
/// reader of the table does not.
public final class IdempotentAnswers {

    private static final Duration KEPT = Duration.ofHours(24);
    private static final String SECRET = "secret";

    private final Seal seal;
    private final Clock clock;

    public IdempotentAnswers(Seal seal, Clock clock) {
        this.seal = seal;
        this.clock = clock;
    }

    /// The body this call was answered with before.
    ///
    /// @throws AdminRefusal when the key came with another body
    public Optional<Tree> find(DSLContext transaction, Call call) {
        if (call.idempotencyKey().isEmpty()) {
            return Optional.empty();
        }
        var now = Timestamps.stored(clock.instant());
        transaction
                .deleteFrom(IDEMPOTENCY_KEYS)
                .where(IDEMPOTENCY_KEYS.EXPIRES_AT.le(now))
                .execute();
        var row =
                transaction
                        .selectFrom(IDEMPOTENCY_KEYS)
                        .where(IDEMPOTENCY_KEYS.SCOPE.eq(scope(call)))
                        .and(IDEMPOTENCY_KEYS.KEY.eq(call.idempotencyKey()))
                        .fetchOne();
        if (row == null) {
            return Optional.empty();
        }
        if (!MessageDigest.isEqual(row.getRequestHash(), hash(call.body()))) {
            throw new AdminRefusal(new IdempotencyKeyReused(call.idempotencyKey()));
        }
        var body = Tree.of(Json.readObject(row.getResponseBody().getBytes(StandardCharsets.UTF_8)));
        if (body.get(SECRET) instanceof String sealed) {
            body.with(SECRET, seal.open(sealed, boundTo(call)).orElse(null));
        }
        return Optional.of(body);
    }

    /// Keeps an answer for a repeat of `call`.
    public void keep(DSLContext transaction, Call call, int status, Tree body) {
        if (call.idempotencyKey().isEmpty()) {
            return;
        }
        var kept = Tree.of(body.members());
        if (kept.get(SECRET) instanceof String secret) {
            kept.with(SECRET, seal.seal(secret, boundTo(call)));
        }
        var now = clock.instant();
        transaction
                .insertInto(IDEMPOTENCY_KEYS)
                .set(IDEMPOTENCY_KEYS.SCOPE, scope(call))
                .set(IDEMPOTENCY_KEYS.KEY, call.idempotencyKey())
                .set(IDEMPOTENCY_KEYS.REQUEST_HASH, hash(call.body()))
                .set(IDEMPOTENCY_KEYS.RESPONSE_STATUS, status)
                .set(IDEMPOTENCY_KEYS.RESPONSE_BODY, Json.write(kept))
                .set(IDEMPOTENCY_KEYS.CREATED_AT, Timestamps.stored(now))
                .set(IDEMPOTENCY_KEYS.EXPIRES_AT, Timestamps.stored(now.plus(KEPT)))
                .execute();
    }

    private static String scope(Call call) {
        return call.actor() + " " + call.method() + " " + call.path();
    }

    private static String boundTo(Call call) {
        return scope(call) + " " + call.idempotencyKey();
    }

    private static byte[] hash(byte[] body) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(body);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("SHA-256 is part of every JDK", impossible);
        }
    }
}
