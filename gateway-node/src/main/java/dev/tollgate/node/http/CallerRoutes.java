package dev.tollgate.node.http;

import dev.tollgate.caller.Caller;
import dev.tollgate.problem.Problem;
import dev.tollgate.problem.Refusal;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.UUID;

/// What callers ask about themselves: the models they may use, their budgets, their requests.
final class CallerRoutes {

    /// Anthropic's page size, and the largest it allows.
    private static final int PAGE_DEFAULT = 20;

    private static final int PAGE_MAX = 1_000;

    private final DoorParts parts;
    private final Door door;
    private final Answers answers;

    CallerRoutes(DoorParts parts, Door door, Answers answers) {
        this.parts = parts;
        this.door = door;
        this.answers = answers;
    }

    /// Answers with JSON about the caller.
    @FunctionalInterface
    private interface About {
        Future<JsonObject> tell(Caller caller);
    }

    void models(Call call) {
        answer(call, caller -> Future.succeededFuture(page(call, modelsOf(call, caller))));
    }

    /// @param path the rest of the path, which is the name, percent-encoded or with its slashes
    void model(Call call, String path) {
        answer(
                call,
                caller -> {
                    var name = decoded(path);
                    return modelsOf(call, caller)
                            .one(name)
                            .map(Future::succeededFuture)
                            .orElseGet(() -> Refusal.of(new Problem.NotFound("model", name)));
                });
    }

    void me(Call call) {
        answer(
                call,
                caller -> {
                    var headers = call.request().headers();
                    var attribution = Attributions.of(headers, "", Map.of());
                    var models = modelsOf(call, caller).names();
                    return parts.budgets()
                            .standings(caller, attribution)
                            .map(standings -> CallerJson.me(caller, standings, models));
                });
    }

    void request(Call call, String id) {
        answer(
                call,
                caller ->
                        parts.stories()
                                .find(caller.organization(), caller, uuid(id))
                                .map(found -> found.orElseThrow(() -> notFound(id)))
                                .map(CallerJson::story));
    }

    private void answer(Call call, About about) {
        Future.succeededFuture(call)
                .map(door::authenticate)
                .compose(about::tell)
                .onSuccess(json -> answers.json(call, 200, json))
                .onFailure(failure -> door.refuse(call, failure));
    }

    private ModelList modelsOf(Call call, Caller caller) {
        var catalogue = parts.configurations().current(caller.organization()).catalogue();
        return new ModelList(catalogue, call.dialect(), caller, parts.permissions());
    }

    private static JsonObject page(Call call, ModelList models) {
        var after = call.request().getParam("after_id", "");
        return models.page(after, limit(call.request().getParam("limit", "" + PAGE_DEFAULT)));
    }

    private static int limit(String text) {
        try {
            var limit = Integer.parseInt(text);
            if (limit >= 1 && limit <= PAGE_MAX) {
                return limit;
            }
        } catch (NumberFormatException _) {
            // Refused below, as a number out of range is.
        }
        throw Invalid.of("limit", text, "1 to " + PAGE_MAX);
    }

    private static String decoded(String path) {
        try {
            // A plus is a plus in a path.
            return QueryStringDecoder.decodeComponent(path.replace("+", "%2B"));
        } catch (IllegalArgumentException _) {
            throw Invalid.of("path", path, "percent-encoded UTF-8");
        }
    }

    private static UUID uuid(String id) {
        try {
            return UUID.fromString(id);
        } catch (IllegalArgumentException _) {
            throw notFound(id);
        }
    }

    private static Refusal notFound(String id) {
        return new Refusal(new Problem.NotFound("request", id));
    }
}
