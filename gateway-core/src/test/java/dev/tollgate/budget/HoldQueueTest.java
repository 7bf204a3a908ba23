package dev.tollgate.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.path.Reply;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Refusal;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class HoldQueueTest {

    private final FilterScene scene = new FilterScene();

    @Test
    void a_request_waits_for_another_to_end() {
        scene.budget("b", Map.of("concurrent_requests", 1));
        scene.send();

        var second = scene.send();

        assertThat(second.isComplete()).isFalse();
        assertThat(scene.queue.waiting()).isEqualTo(1);
        scene.answer(FilterScene.used(1, 1));
        assertThat(scene.sent).hasSize(2);
        assertThat(scene.queue.waiting()).isZero();
        scene.answer(FilterScene.used(1, 1));
        assertThat(second.succeeded()).isTrue();
    }

    @Test
    void a_request_looks_again_when_another_node_may_have_settled() {
        scene.budget("b", Map.of("concurrent_requests", 1));
        var elsewhere = scene.holdElsewhere("b");

        scene.send();
        scene.settleElsewhere(elsewhere);

        assertThat(scene.sent).isEmpty();
        scene.pass(60);
        assertThat(scene.sent).hasSize(1);
    }

    @Test
    void a_request_waits_no_longer_than_it_may() {
        scene.budget("b", Map.of("concurrent_requests", 1));
        scene.send();
        var second = scene.send();

        scene.pass(1_999);
        assertThat(second.isComplete()).isFalse();
        scene.pass(1);

        assertThat(problem(second)).isInstanceOf(Problem.TooManyConcurrent.class);
        assertThat(scene.queue.waiting()).isZero();
        assertThat(scene.pauses).isEmpty();
    }

    @Test
    void requests_go_on_in_the_order_in_which_they_came() {
        scene.budget("b", Map.of("concurrent_requests", 1));
        var replies = new ArrayList<Future<Reply>>();
        for (var i = 0; i < 5; i++) {
            scene.bodyBytes = 100 + i;
            replies.add(scene.send());
        }

        for (var i = 0; i < 5; i++) {
            assertThat(scene.sent).hasSize(i + 1);
            assertThat(scene.sent.getLast().request().body()).hasSize(100 + i);
            scene.pass(300);
            scene.answer(FilterScene.used(1, 1));
        }

        assertThat(replies).allMatch(Future::succeeded);
    }

    @Test
    void nobody_who_comes_later_goes_first() {
        scene.budget("b", Map.of("concurrent_requests", 1));
        var elsewhere = scene.holdElsewhere("b");
        scene.bodyBytes = 101;
        scene.send();

        scene.settleElsewhere(elsewhere);
        scene.bodyBytes = 102;
        scene.send();
        scene.pass(60);

        assertThat(scene.sent).hasSize(1);
        assertThat(scene.sent.getFirst().request().body()).hasSize(101);
    }

    @Test
    void who_leaves_makes_room_for_the_next() {
        scene.budget("b", Map.of("concurrent_requests", 1));
        scene.send();
        scene.left = Promise.promise();
        var leaving = scene.send();
        var left = scene.left;
        scene.left = Promise.promise();
        scene.bodyBytes = 300;
        scene.send();

        left.complete();

        assertThat(problem(leaving)).isInstanceOf(Problem.TooManyConcurrent.class);
        assertThat(scene.queue.waiting()).isEqualTo(1);
        scene.answer(FilterScene.used(1, 1));
        assertThat(scene.sent.getLast().request().body()).hasSize(300);
    }

    @Test
    void no_more_wait_than_there_is_room_for() {
        scene.budget("b", Map.of("concurrent_requests", 1));
        scene.send();
        for (var i = 0; i < 1_000; i++) {
            scene.send();
        }

        assertThat(problem(scene.send())).isInstanceOf(Problem.TooManyConcurrent.class);
        assertThat(scene.queue.waiting()).isEqualTo(1_000);
    }

    @Test
    void those_who_wait_for_one_budget_do_not_keep_up_another() {
        scene.budget("b", Map.of("scope", Map.of("user", "u"), "concurrent_requests", 1));
        scene.send();
        scene.send();
        scene.budget("b", Map.of("scope", Map.of("user", "other"), "concurrent_requests", 1));

        scene.send();

        assertThat(scene.sent).hasSize(2);
    }

    @Test
    void a_request_waits_for_a_rate_that_allows_it_soon() {
        scene.budget("b", rate("requests", 60, 1));
        scene.send();

        scene.send();

        scene.pass(999);
        assertThat(scene.sent).hasSize(1);
        scene.pass(1);
        assertThat(scene.sent).hasSize(2);
    }

    @Test
    void a_request_does_not_wait_for_a_rate_that_allows_it_too_late() {
        scene.budget("b", rate("requests", 20, 1));
        scene.send();

        assertThat(problem(scene.send()))
                .isEqualTo(
                        new Problem.RateLimited(
                                "b", "", "requests", 20, 1, 1, "rate", Duration.ofSeconds(3)));
    }

    @Test
    void a_request_larger_than_the_burst_does_not_wait() {
        scene.outputMax = OptionalLong.of(500);
        scene.budget("b", rate("output_tokens", 1_000_000, 499));

        var problem = (Problem.RateLimited) problem(scene.send());

        assertThat(problem.retryAfter()).isZero();
    }

    @Test
    void a_request_is_counted_before_a_rate_refuses_it() {
        scene.bodyBytes = 1_000;
        scene.budget("b", rate("input_tokens", 300, 300));

        scene.send();

        assertThat(scene.counted).containsExactly(1_000);
        assertThat(scene.sent).hasSize(1);
    }

    @Test
    void what_a_request_did_not_use_is_there_for_who_waits() {
        scene.outputMax = OptionalLong.of(500);
        scene.budget("b", rate("output_tokens", 15_000, 600));
        scene.send();
        scene.send();

        scene.answer(FilterScene.used(10, 50));

        assertThat(scene.sent).hasSize(2);
    }

    @Test
    void a_failure_ends_the_wait() {
        scene.budget("b", Map.of("concurrent_requests", 1));
        scene.send();
        var second = scene.send();
        scene.books.failing = true;

        scene.pass(60);

        assertThat(problem(second)).isInstanceOf(Problem.QuotaUnavailable.class);
        assertThat(scene.queue.waiting()).isZero();
    }

    private static Map<String, Object> rate(String measure, long perMinute, long burst) {
        return Map.of("rates", Map.of(measure, Map.of("per_minute", perMinute, "burst", burst)));
    }

    private static Problem problem(Future<Reply> reply) {
        assertThat(reply.failed()).isTrue();
        return ((Refusal) reply.cause()).problem();
    }
}
