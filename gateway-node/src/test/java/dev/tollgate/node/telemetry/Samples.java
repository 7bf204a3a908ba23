package dev.tollgate.node.telemetry;

import dev.tollgate.caller.Attribution;
import dev.tollgate.caller.Caller;
import dev.tollgate.caller.Role;
import dev.tollgate.caller.Secret;
import dev.tollgate.catalogue.Deployment;
import dev.tollgate.catalogue.Dialect;
import dev.tollgate.catalogue.Endpoint;
import dev.tollgate.catalogue.Model;
import dev.tollgate.catalogue.Provider;
import dev.tollgate.path.Exchange;
import dev.tollgate.path.ModelRequest;
import dev.tollgate.path.Outcome;
import dev.tollgate.price.Money;
import dev.tollgate.tokens.Completion;
import dev.tollgate.tokens.Usage;
import dev.tollgate.tokens.UsageReport;
import dev.tollgate.tokens.UsageSource;
import io.vertx.core.Future;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/// A request, its answer and the secrets in both.
final class Samples {

    static final String LISTED = "gpt-5";
    static final long RECEIVED_MILLIS = 1_800_000_000_000L;
    static final long RECEIVED_NANOS = 5_000_000L;

    static final String PROMPT = "canary-prompt-7d1f";
    static final String ANSWER = "canary-answer-20aa";
    static final String CALLER_SECRET = "canary-caller-91c3";
    static final String PROVIDER_SECRET = "canary-provider-5e08";
    static final String END_USER = "canary-person-c4b2";

    static final List<String> CANARIES =
            List.of(PROMPT, ANSWER, CALLER_SECRET, PROVIDER_SECRET, END_USER);

    private Samples() {}

    static Exchange exchange(String traceParent) {
        return exchange(LISTED, true, traceParent);
    }

    static Exchange exchange(String model, boolean stream, String traceParent) {
        var provider =
                new Provider(
                        "openai-main",
                        "openai",
                        Dialect.OPENAI,
                        URI.create("https://api.example.test/v1"),
                        Optional.of(new Secret(PROVIDER_SECRET)));
        return new Exchange(
                UUID.randomUUID(),
                RECEIVED_MILLIS,
                RECEIVED_NANOS,
                Endpoint.CHAT_COMPLETIONS,
                new Caller("acme", "k1", "ci", "u1", "growth", "p1", Role.MEMBER, List.of()),
                new Attribution(END_USER, "s1", Map.of("note", PROMPT)),
                request(model, stream),
                List.of(Map.entry("x-private", CALLER_SECRET)),
                "",
                traceParent,
                List.of(new Deployment(provider, Model.unlisted(model), model)),
                OptionalLong.empty(),
                Future.succeededFuture());
    }

    /// An answer of 100 input tokens, 60 of them cached, and 11 output tokens, at 2,500 nano-USD.
    static Outcome answered() {
        var usage = new Usage(30, 60, 10, 0, 11, 4, 0, 0, 0);
        return new Outcome(
                report(Completion.COMPLETE, Optional.of(usage)),
                usage,
                UsageSource.PROVIDER,
                Optional.of(new Money(2500)),
                false);
    }

    /// A stream whose client left: the provider told nothing, 7 tokens were estimated.
    static Outcome left() {
        return new Outcome(
                report(Completion.CLIENT_LEFT, Optional.empty()),
                Usage.of(40, 7),
                UsageSource.ESTIMATED,
                Optional.empty(),
                true);
    }

    private static UsageReport report(Completion completion, Optional<Usage> usage) {
        return new UsageReport(
                completion,
                usage,
                Optional.empty(),
                true,
                200,
                ANSWER,
                "gpt-5-2026-01-01",
                "default",
                "req_1",
                20_000_000,
                520_000_000,
                "");
    }

    private static ModelRequest request(String model, boolean stream) {
        var places =
                new ModelRequest.Places(
                        1, false, ModelRequest.ABSENT, ModelRequest.ABSENT, ModelRequest.ABSENT);
        return new ModelRequest(
                PROMPT.getBytes(StandardCharsets.UTF_8),
                model,
                stream,
                false,
                OptionalLong.of(64),
                1,
                0,
                0,
                0,
                false,
                END_USER,
                places);
    }
}
