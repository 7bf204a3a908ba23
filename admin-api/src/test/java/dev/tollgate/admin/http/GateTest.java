package dev.tollgate.admin.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.admin.problem.AdminRefusal;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class GateTest {

    @Test
    void runs_tasks_on_virtual_threads() throws Exception {
        var gate = new Gate(1, Duration.ofSeconds(5));
        var isVirtual = new CompletableFuture<Boolean>();

        gate.start(() -> isVirtual.complete(Thread.currentThread().isVirtual()));

        assertThat(isVirtual.get(5, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void a_call_waits_for_its_turn_and_then_gives_up() throws Exception {
        var gate = new Gate(1, Duration.ofMillis(1));
        var inside = new CountDownLatch(1);
        var leave = new CountDownLatch(1);
        var first = new CompletableFuture<String>();
        gate.start(() ->
                first.complete(
                        gate.inTurn(() -> {
                            inside.countDown();
                            await(leave);
                            return "first";
                        })));
        inside.await();

        assertThatThrownBy(() -> gate.inTurn(() -> "second"))
                .isInstanceOf(AdminRefusal.class)
                .hasMessageContaining("Busy");

        leave.countDown();
        assertThat(first.get(5, TimeUnit.SECONDS)).isEqualTo("first");
        assertThat(gate.inTurn(() -> "third")).isEqualTo("third");
    }

    @Test
    void a_turn_ends_with_a_failure_too() {
        var gate = new Gate(1, Duration.ofMillis(1));

        for (var round = 0; round < 200; round++) {
            assertThatThrownBy(() ->
                            gate.inTurn(() -> {
                                throw new IllegalStateException("failed");
                            }))
                    .hasMessage("failed");
        }

        assertThat(gate.inTurn(() -> "after")).isEqualTo("after");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
