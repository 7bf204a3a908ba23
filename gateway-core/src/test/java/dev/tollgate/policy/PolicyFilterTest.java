package dev.tollgate.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.caller.Attribution;
import dev.tollgate.caller.Caller;
import dev.tollgate.caller.Role;
import dev.tollgate.catalogue.Deployment;
import dev.tollgate.catalogue.Dialect;
import dev.tollgate.catalogue.Endpoint;
import dev.tollgate.catalogue.Model;
import dev.tollgate.catalogue.Provider;
import dev.tollgate.path.Exchange;
import dev.tollgate.path.ModelRequest;
import dev.tollgate.path.Reply;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Refusal;
import io.vertx.core.Future;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyFilterTest {

    private static final Future<Reply> ANSWER = Future.failedFuture("passed on");

    @ParameterizedTest
    @CsvSource({
        "'', gpt-5, true",
        "gpt-*, gpt-5, true",
        "gpt-*, claude-opus-4, false",
        "gpt-* claude-*, claude-opus-4, true",
        "gpt-5, gpt-5-mini, false",
    })
    void lets_through_what_the_patterns_of_the_key_allow(
            String patterns, String model, boolean allowed) {
        var exchange =
                exchange(patterns.isEmpty() ? List.of() : List.of(patterns.split(" ")), model);

        var answer = new PolicyFilter().apply(exchange, _ -> ANSWER);

        if (allowed) {
            assertThat(answer).isSameAs(ANSWER);
        } else {
            assertThat(((Refusal) answer.cause()).problem())
                    .isEqualTo(new Problem.ModelNotPermitted(model));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "gpt-5, true",
        "gpt-5-2025-08-07, true",
        "gpt-5-2026-01-01, false",
    })
    void a_pattern_may_name_the_model_with_its_date(String pattern, boolean allowed) {
        var asked = exchange(List.of(pattern), "gpt-5");
        var dated =
                new Deployment(
                        asked.deployment().provider(), Model.unlisted("gpt-5"), "gpt-5-2025-08-07");

        var answer = new PolicyFilter().apply(asked.routedTo(List.of(dated)), _ -> ANSWER);

        assertThat(answer.cause() instanceof Refusal).isEqualTo(!allowed);
    }

    @Test
    void keeps_the_deployments_that_the_key_may_use() {
        var asked = exchange(List.of("cheap-*"), "gpt-5");
        var provider = asked.deployment().provider();
        var dear = new Deployment(provider, Model.unlisted("gpt-5"), "dear-1");
        var cheap = new Deployment(provider, Model.unlisted("gpt-5"), "cheap-1");
        var passed = new ArrayList<Exchange>();

        var _ =
                new PolicyFilter()
                        .apply(
                                asked.routedTo(List.of(dear, cheap)),
                                exchange -> {
                                    passed.add(exchange);
                                    return ANSWER;
                                });

        assertThat(passed.getFirst().candidates()).containsExactly(cheap);
    }

    private static Exchange exchange(List<String> patterns, String model) {
        var absent = ModelRequest.ABSENT;
        var provider =
                new Provider(
                        "p",
                        "openai",
                        Dialect.OPENAI,
                        URI.create("http://127.0.0.1/v1"),
                        Optional.empty());
        return new Exchange(
                new UUID(0, 1),
                0,
                0,
                Endpoint.CHAT_COMPLETIONS,
                new Caller("local", "k", "k", "", "", "", Role.MEMBER, patterns),
                Attribution.NONE,
                new ModelRequest(
                        new byte[0],
                        model,
                        false,
                        false,
                        OptionalLong.empty(),
                        1,
                        0,
                        0,
                        0,
                        false,
                        "",
                        new ModelRequest.Places(1, true, absent, absent, absent)),
                List.of(),
                "",
                "",
                List.of(new Deployment(provider, Model.unlisted(model), model)),
                OptionalLong.empty(),
                Future.succeededFuture());
    }
}
