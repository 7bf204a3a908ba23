package dev.tollgate.loadtest.provider;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;

/// The endpoints of a simulated provider: finds out what is asked, lets the script decide, plays
/// it.
final class Service {

    private static final String CHAT = "/v1/chat/completions";
    private static final String EMBEDDINGS = "/v1/embeddings";
    private static final String MESSAGES = "/v1/messages";
    private static final String COUNT_TOKENS = "/v1/messages/count_tokens";
    private static final String MODELS = "/v1/models";

    final Script script = new Script();
    final Bill bill = new Bill();
    final Arrivals arrivals = new Arrivals();

    private final Vertx vertx;
    private final ProviderOptions options;
    private final List<Call> calls = new ArrayList<>();
    private final Map<String, Tokenizer> tokenizers = new ConcurrentHashMap<>();
    private long numbers;

    Service(Vertx vertx, ProviderOptions options) {
        this.vertx = vertx;
        this.options = options;
    }

    static boolean isModelCall(String path) {
        return path.equals(CHAT) || path.equals(EMBEDDINGS) || path.equals(MESSAGES);
    }

    List<SeenRequest> seen() {
        synchronized (calls) {
            return calls.stream().map(Call::seen).toList();
        }
    }

    void forget() {
        script.clear();
        bill.clear();
        arrivals.reset();
        synchronized (calls) {
            calls.clear();
        }
    }

    void handle(HttpServerRequest request) {
        if (Call.pathOf(request).equals("/bill")) {
            request.response().putHeader("content-type", "application/jsonl").end(billText());
            return;
        }
        var call = new Call(++numbers, dialectOf(request), request, options.clock());
        synchronized (calls) {
            calls.add(call);
        }
        if (isModelCall(call.path)) {
            var early = script.early();
            if (early.isPresent()) {
                arrivals.add();
                request.handler(call::receive);
                play(call, early.get());
                return;
            }
        }
        // A connection that breaks during the upload leaves nothing to answer, and is no error
        // here.
        request.exceptionHandler(_ -> call.end(true));
        request.handler(call::receive);
        request.endHandler(_ -> {
            call.parse();
            dispatch(call);
        });
    }

    private String billText() {
        var text = new StringBuilder();
        for (var line : bill.lines()) {
            text.append(line.toJson()).append('\n');
        }
        return text.toString();
    }

    private static Dialect dialectOf(HttpServerRequest request) {
        var anthropic =
                Call.pathOf(request).startsWith(MESSAGES)
                        || request.headers().contains("anthropic-version")
                        || request.headers().contains("x-api-key");
        return anthropic ? Dialect.ANTHROPIC : Dialect.OPENAI;
    }

    private void dispatch(Call call) {
        if (isModelCall(call.path)) {
            arrivals.add();
        }
        if (!options.dialects().contains(call.dialect)) {
            refuse(call, 404, "Not found");
        } else if (!authenticated(call)) {
            refuse(call, 401, "Incorrect API key provided");
        } else if (isModelCall(call.path)) {
            modelCall(call);
        } else {
            script.ruleFor(call.seen())
                    .ifPresentOrElse(rule -> play(call, rule), () -> other(call));
        }
    }

    private boolean authenticated(Call call) {
        if (options.apiKey().isEmpty()) {
            return true;
        }
        var key = options.apiKey().get();
        var headers = call.request.headers();
        return ("Bearer " + key).equals(headers.get("authorization"))
                || key.equals(headers.get("x-api-key"));
    }

    private void modelCall(Call call) {
        var model = call.model();
        if (!call.request.method().equals(HttpMethod.POST)) {
            refuse(call, 405, "Not allowed to " + call.request.method() + " here");
        } else if (!model.valid()) {
            refuse(call, 400, "We could not parse the JSON body of your request.");
        } else if (model.name().isEmpty()) {
            refuse(call, 400, "you must provide a model parameter");
        } else if (model.outputTokensMax().orElse(1) < 1) {
            refuse(call, 400, "max_tokens is too small: expected >= 1");
        } else if (call.dialect == Dialect.ANTHROPIC && model.outputTokensMax().isEmpty()) {
            refuse(call, 400, "max_tokens: Field required");
        } else {
            play(call, script.next(call.seen()));
        }
    }

    private void other(Call call) {
        var path = call.path;
        if (path.equals(COUNT_TOKENS)) {
            countTokens(call);
        } else if (path.equals(MODELS)) {
            json(call, 200, Wire.of(call.dialect).models());
        } else if (path.startsWith(MODELS + "/")) {
            var id = path.substring(MODELS.length() + 1);
            json(
                    call,
                    200,
                    call.dialect == Dialect.OPENAI
                            ? OpenAiWire.model(id)
                            : AnthropicWire.model(id));
        } else if (call.request.method().equals(HttpMethod.HEAD) || path.equals("/")) {
            json(call, 200, "");
        } else {
            refuse(call, 404, "Unknown request URL: " + call.request.method() + " " + path);
        }
    }

    private void countTokens(Call call) {
        var model = call.model();
        if (!model.valid()) {
            refuse(call, 400, "The request body is not valid JSON");
            return;
        }
        var tokens = model.inputTokens(tokenizer(model.name()));
        json(call, 200, new JsonText().open().field("input_tokens", tokens).close().toString());
    }

    private void refuse(Call call, int status, String message) {
        if (isModelCall(call.path)) {
            bill(call, call.model().name(), TokenClasses.NONE, BillLine.Outcome.FAILED, false);
        }
        json(call, status, Wire.of(call.dialect).error(status, message, call.providerRequestId()));
    }

    private static void json(Call call, int status, String body) {
        var response = call.request.response().setStatusCode(status);
        Wire.of(call.dialect).headers(call.providerRequestId()).forEach(response::putHeader);
        response.putHeader("content-type", "application/json").end(body);
        call.end(false);
    }

    private void play(Call call, Behaviour behaviour) {
        switch (behaviour) {
            case Canned canned -> playCanned(call, canned);
            case Completion completion -> playCompletion(call, completion);
        }
    }

    private void playCompletion(Call call, Completion completion) {
        var model = call.model();
        var random = new SplittableRandom(options.seed() ^ (call.number * 0x9E3779B97F4A7C15L));
        var composer =
                new Composer(completion, model, tokenizer(model.name()), random, call.dialect);
        var answer = composer.compose(call.number, options.clock().instant().getEpochSecond());
        new Turn(call, completion, answer, lines(call, answer), random, vertx, this::bill).play();
    }

    private static Turn.Lines lines(Call call, Answer answer) {
        if (call.path.equals(EMBEDDINGS)) {
            return new Turn.Lines(List.of(), Embeddings.whole(answer, call.model()), false);
        }
        var wire = Wire.of(call.dialect);
        return call.model().stream()
                ? new Turn.Lines(wire.stream(answer), "", true)
                : new Turn.Lines(wire.stream(answer), wire.whole(answer), false);
    }

    private void bill(Call call, Answer answer, TokenClasses tokens, BillLine.Outcome outcome) {
        var reported =
                outcome == BillLine.Outcome.COMPLETE
                        && answer.report() == UsageReport.HONEST
                        && (!call.model().stream()
                                || call.dialect == Dialect.ANTHROPIC
                                || answer.includeUsage());
        bill(call, answer.model(), tokens, outcome, reported);
    }

    private void bill(
            Call call,
            String model,
            TokenClasses tokens,
            BillLine.Outcome outcome,
            boolean reported) {
        var cost = ProviderPrice.of(model).map(price -> price.picoUsd(tokens)).orElse(0L);
        bill.add(
                new BillLine(
                        call.number,
                        call.gatewayRequestId(),
                        call.providerRequestId(),
                        call.dialect,
                        call.path,
                        model,
                        tokens,
                        cost,
                        outcome,
                        reported));
    }

    private void playCanned(Call call, Canned canned) {
        if (isModelCall(call.path)) {
            bill(call, call.model().name(), TokenClasses.NONE, BillLine.Outcome.FAILED, false);
        }
        new CannedTurn(call, canned, vertx).play();
    }

    private Tokenizer tokenizer(String model) {
        return tokenizers.computeIfAbsent(
                model,
                name ->
                        options.tokenRatio().isPresent()
                                ? Tokenizer.of(
                                        name, options.seed(), options.tokenRatio().getAsDouble())
                                : Tokenizer.of(name, options.seed()));
    }
}
