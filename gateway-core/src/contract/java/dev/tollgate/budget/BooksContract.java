package dev.tollgate.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.budget.Books.HoldRequest;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// What every adapter of [Books] has to do. Each test uses an organization of its own, which the
/// adapter's test has to make known where that is needed.
public abstract class BooksContract {

    private static final AtomicInteger IDS = new AtomicInteger();
    private static final Limits FIFTY =
            new Limits(50, Limits.NONE_SET, Limits.NONE_SET, Limits.NONE_SET, Limits.NONE_SET);

    private final UUID budget = UUID.randomUUID();

    protected abstract Books books();

    /// An organization without a history.
    protected abstract String organization();

    @Test
    void holds_and_settles() {
        var organization = organization();
        var id = id();
        var held = (Command.Held) hold(organization, id, 20);

        var settled = await(books().settle(organization, id, used(15), outcome(15)));

        assertThat(held.outputGranted()).isEqualTo(20);
        assertThat(settled).singleElement().matches(answer -> !answer.overrun());
        assertThat(standing(organization).posted()).isEqualTo(used(15));
        assertThat(standing(organization).held()).isEqualTo(Amounts.NONE);
    }

    @Test
    void reads_a_counter_nobody_has_used() {
        assertThat(standing(organization()).posted()).isEqualTo(Amounts.NONE);
    }

    @Test
    void answers_a_repeated_hold_with_the_first_answer() {
        var organization = organization();
        var id = id();

        assertThat(hold(organization, id, 20)).isEqualTo(hold(organization, id, 20));

        assertThat(standing(organization).held().requests()).isEqualTo(1);
    }

    @Test
    void settles_once_however_often_it_is_told() {
        var organization = organization();
        var id = id();
        hold(organization, id, 20);
        await(books().settle(organization, id, used(15), outcome(15)));

        await(books().settle(organization, id, used(19), outcome(19)));

        assertThat(standing(organization).posted()).isEqualTo(used(15));
    }

    @Test
    void has_no_answer_to_a_settlement_of_what_was_never_held() {
        assertThat(await(books().settle(organization(), id(), used(1), outcome(1)))).isEmpty();
    }

    @Test
    void moves_a_checkpoint_from_held_to_posted() {
        var organization = organization();
        var id = id();
        hold(organization, id, 20);

        await(books().checkpoint(organization, id, new Amounts(1, 0, 12, 0)));

        assertThat(standing(organization).posted()).isEqualTo(new Amounts(1, 0, 12, 0));
        assertThat(standing(organization).held()).isEqualTo(new Amounts(0, 10, 8, 0));
    }

    @Test
    void refuses_a_configuration_older_than_the_one_in_force() {
        var organization = organization();
        hold(organization, id(), 20);
        await(books().configure(organization, 9));

        assertThat(hold(organization, id(), 20)).isEqualTo(new Command.Stale(9));
    }

    @Test
    void admits_fifty_of_two_hundred_at_once_under_a_limit_of_fifty() {
        var organization = organization();
        var answers = new ArrayList<Future<Command.HoldResult>>();

        for (var call = 0; call < 200; call++) {
            answers.add(books().hold(organization, request(id(), 1)));
        }

        var results = answers.stream().map(BooksContract::await).toList();
        assertThat(results).filteredOn(Command.Held.class::isInstance).hasSize(50);
        assertThat(results).filteredOn(Command.Exhausted.class::isInstance).hasSize(150);
    }

    @Test
    void moves_from_one_attempt_to_the_next() {
        var organization = organization();
        var first = id();
        var second = id();
        hold(organization, first, 20);

        var moved = next(organization, first, request(second, 30));

        assertThat(moved.settled()).isInstanceOf(Command.Settled.class);
        assertThat(moved.hold()).isInstanceOf(Command.Held.class);
        assertThat(standing(organization).posted()).isEqualTo(new Amounts(0, 10, 4, 0));
        assertThat(standing(organization).held()).isEqualTo(new Amounts(1, 10, 30, 0));
        await(books().settle(organization, second, used(15), outcome(15)));
        assertThat(standing(organization).posted()).isEqualTo(new Amounts(1, 20, 19, 0));
        assertThat(standing(organization).held()).isEqualTo(Amounts.NONE);
    }

    @Test
    void answers_a_repeated_step_with_the_same_hold() {
        var organization = organization();
        var first = id();
        var second = request(id(), 30);
        hold(organization, first, 20);

        var moved = next(organization, first, second);

        assertThat(next(organization, first, second).hold()).isEqualTo(moved.hold());
        assertThat(standing(organization).held()).isEqualTo(new Amounts(1, 10, 30, 0));
    }

    @Test
    void keeps_the_first_attempt_where_the_next_is_refused() {
        var organization = organization();
        var first = id();
        hold(organization, first, 20);
        var tooMuch =
                new HoldRequest(
                        id(),
                        1,
                        new Ask(51, 10, 0, 1, 1, 1, 0),
                        List.of(charge()),
                        request(id(), 1).facts());

        var moved = next(organization, first, tooMuch);

        assertThat(moved.settled()).isEqualTo(new Command.Unsettled());
        assertThat(moved.hold()).isInstanceOf(Command.Exhausted.class);
        assertThat(standing(organization).held()).isEqualTo(new Amounts(1, 10, 20, 0));
        assertThat(await(books().settle(organization, first, used(15), outcome(15)))).hasSize(1);
        assertThat(standing(organization).posted()).isEqualTo(used(15));
    }

    private Command.NextResult next(String organization, UUID first, HoldRequest second) {
        var outcome = new String(outcome(4), StandardCharsets.UTF_8) + ",\"requests\":0";
        return await(
                books().next(
                                organization,
                                first,
                                new Amounts(0, 10, 4, 0),
                                bytes(outcome),
                                second));
    }

    private Command.HoldResult hold(String organization, UUID id, long output) {
        return await(books().hold(organization, request(id, output)));
    }

    private HoldRequest request(UUID id, long output) {
        var facts =
                "\"id\":\""
                        + id
                        + "\",\"request_id\":\""
                        + id
                        + "\",\"kind\":\"attempt\",\"occurred_at\":\""
                        + Instant.now()
                        + "\",\"requests\":1,\"charges\":[{\"budget\":\""
                        + budget
                        + "\",\"subject\":\"u\",\"window_start\":0}]";
        return new HoldRequest(
                id, 1, new Ask(1, 10, 0, output, output, 1, 0), List.of(charge()), bytes(facts));
    }

    private BudgetCharge charge() {
        return new BudgetCharge(
                new CounterKey(budget, "u", 0),
                "fifty",
                Long.MAX_VALUE,
                FIFTY,
                FIFTY,
                0,
                List.of(),
                "reject");
    }

    private Standing standing(String organization) {
        return await(books().standings(organization, List.of(charge()))).getFirst();
    }

    private static Amounts used(long output) {
        return new Amounts(1, 10, output, 0);
    }

    private static byte[] outcome(long output) {
        return bytes(
                "\"requests\":1,\"uncached_input_tokens\":10,\"output_tokens\":"
                        + output
                        + ",\"cost_nano_usd\":0,\"usage_source\":\"provider\",\"status\":\"ok\"");
    }

    /// A UUIDv7 of now.
    private static UUID id() {
        return new UUID(
                Instant.now().toEpochMilli() << 16 | 0x7000,
                0x8000_0000_0000_0000L | IDS.incrementAndGet());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
        } catch (Exception failure) {
            throw new AssertionError("no answer within 20 s, or a failure", failure);
        }
    }
}
