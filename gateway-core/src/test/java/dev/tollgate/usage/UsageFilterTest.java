package dev.tollgate.usage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.caller.Attribution;
import dev.tollgate.caller.Caller;
import dev.tollgate.catalogue.Deployment;
import dev.tollgate.catalogue.Dialect;
import dev.tollgate.catalogue.Endpoint;
import dev.tollgate.catalogue.Model;
import dev.tollgate.catalogue.Provider;
import dev.tollgate.path.Exchange;
import dev.tollgate.path.Filter;
import dev.tollgate.path.ModelRequest;
import dev.tollgate.path.Outcome;
import dev.tollgate.path.Reply;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Refusal;
import dev.tollgate.tokens.UsageReport;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class UsageFilterTest {

    private static final Problem GONE = new Problem.NotFound("model", "m");

    private final Notes notes = new Notes();
    private final UsageFilter filter = new UsageFilter(notes, Recorder.Kind.REQUEST);

    @Test
    void what_is_inside_sees_the_recordings_traceparent() {
        var seen = new ArrayList<String>();

        filter.apply(
                exchange(),
                exchange -> {
                    seen.add(exchange.traceParent());
                    return Refusal.of(GONE);
                });

        assertThat(seen).containsExactly("trace of recording 0");
    }

    @Test
    void a_recording_ends_after_the_last_byte_and_not_at_the_head() {
        var outcome = Promise.<Outcome>promise();

        filter.apply(exchange(), _ -> Future.succeededFuture(reply(outcome.future())));

        assertThat(notes.taken).containsExactly("0 answered 200");
        outcome.complete(outcome());
        assertThat(notes.taken).containsExactly("0 answered 200", "0 ended");
    }

    @Test
    void a_refusal_is_told_by_its_problem() {
        var reply = filter.apply(exchange(), _ -> Refusal.of(GONE));

        assertThat(reply.failed()).isTrue();
        assertThat(notes.taken).containsExactly("0 refused");
    }

    @Test
    void a_thrown_bug_ends_the_recording_too() {
        var reply =
                filter.apply(
                        exchange(),
                        _ -> {
                            throw new IllegalStateException("bug");
                        });

        assertThat(reply.cause()).isInstanceOf(IllegalStateException.class);
        assertThat(notes.taken).containsExactly("0 failed");
    }

    static LongStream seeds() {
        return LongStream.range(0, 200);
    }

    /// Requests of every fate, with their attempts, whose events come in any order.
    @ParameterizedTest(name = "replay with seed = {0}")
    @MethodSource("seeds")
    void every_recording_ends_exactly_once(long seed) {
        var random = new Random(seed);
        var pending = new ArrayList<Runnable>();
        var attempts = new UsageFilter(notes, Recorder.Kind.ATTEMPT);
        var path = Filter.chain(List.of(filter, attempts), _ -> fate(random, pending));

        for (var i = 0; i < 20; i++) {
            path.proceed(exchange());
        }
        while (!pending.isEmpty()) {
            pending.remove(random.nextInt(pending.size())).run();
        }

        assertThat(notes.started).isEqualTo(40);
        for (var i = 0; i < notes.started; i++) {
            assertThat(notes.endsOf(i)).as("recording %d", i).hasSize(1);
        }
    }

    private static Future<Reply> fate(Random random, List<Runnable> pending) {
        var answer = Promise.<Reply>promise();
        var outcome = Promise.<Outcome>promise();
        switch (random.nextInt(7)) {
            case 0 -> throw new IllegalStateException("thrown");
            case 1 -> throw new Refusal(GONE);
            case 2 -> answer.fail(new Refusal(GONE));
            case 3 -> pending.add(() -> answer.fail(new IllegalStateException("later")));
            case 4 -> {
                answer.complete(reply(outcome.future()));
                outcome.complete(outcome());
            }
            case 5 -> {
                answer.complete(reply(outcome.future()));
                pending.add(() -> outcome.fail(new IllegalStateException("broken promise")));
            }
            default -> {
                pending.add(() -> answer.complete(reply(outcome.future())));
                pending.add(() -> outcome.complete(outcome()));
            }
        }
        return answer.future();
    }

    private static Reply reply(Future<Outcome> outcome) {
        return new Reply(200, List.of(), new Reply.Whole(new byte[0]), outcome);
    }

    private static Outcome outcome() {
        return Outcome.unsettled(UsageReport.notReached(1));
    }

    private static Exchange exchange() {
        var provider =
                new Provider(
                        "p",
                        "openai",
                        Dialect.OPENAI,
                        URI.create("http://127.0.0.1/v1"),
                        Optional.empty());
        var places =
                new ModelRequest.Places(
                        1, false, ModelRequest.ABSENT, ModelRequest.ABSENT, ModelRequest.ABSENT);
        return new Exchange(
                UUID.randomUUID(),
                0,
                0,
                Endpoint.CHAT_COMPLETIONS,
                Caller.anonymous(),
                Attribution.NONE,
                new ModelRequest(
                        new byte[0],
                        "m",
                        false,
                        false,
                        OptionalLong.empty(),
                        1,
                        0,
                        0,
                        0,
                        false,
                        "",
                        places),
                List.of(),
                "",
                "",
                List.of(new Deployment(provider, Model.unlisted("m"), "m")),
                OptionalLong.empty(),
                Future.succeededFuture());
    }

    /// A recorder that writes down what it is told, each note behind its recording's number.
    private static final class Notes implements Recorder {

        private final List<String> taken = new ArrayList<>();
        private int started;

        @Override
        public Recording start(Exchange exchange, Kind kind) {
            return new Note(started++);
        }

        @Override
        public void refusedAtDoor(
                String requestId, String path, Problem problem, long durationNanos) {
            taken.add("door " + path);
        }

        @Override
        public void failedOver(Exchange exchange, Outcome settled) {
            throw new AssertionError("a filter of recordings makes no attempts");
        }

        List<String> endsOf(int recording) {
            return taken.stream()
                    .filter(note -> note.startsWith(recording + " "))
                    .filter(note -> !note.contains("answered"))
                    .toList();
        }

        private final class Note implements Recording {

            private final int number;

            Note(int number) {
                this.number = number;
            }

            @Override
            public String traceParent() {
                return "trace of recording " + number;
            }

            @Override
            public void answered(int status) {
                taken.add(number + " answered " + status);
            }

            @Override
            public void ended(Outcome outcome) {
                taken.add(number + " ended");
            }

            @Override
            public void refused(Problem problem) {
                taken.add(number + " refused");
            }

            @Override
            public void failed(Throwable bug) {
                taken.add(number + " failed");
            }
        }
    }
}
