package dev.tollgate.node.http;

import dev.tollgate.caller.Caller;
import dev.tollgate.catalogue.Catalogue;
import dev.tollgate.catalogue.Deployment;
import dev.tollgate.catalogue.Dialect;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The models a caller may use in a dialect, as that dialect lists them.
///
/// Only models of the catalogue are listed. When they were made is not known: clients get the
/// beginning of time, because the field must be there.
final class ModelList {

    private final Dialect dialect;
    private final Map<String, Deployment> models = new LinkedHashMap<>();

    ModelList(Catalogue catalogue, Dialect dialect, Caller caller, ModelPermissions permissions) {
        this.dialect = dialect;
        for (var deployment : catalogue.deployments()) {
            var provider = deployment.provider();
            var name = deployment.model().name();
            if ((provider.sandbox() || provider.dialect() == dialect)
                    && permissions.permits(caller, name)) {
                models.putIfAbsent(name, deployment);
            }
        }
    }

    List<String> names() {
        return List.copyOf(models.keySet());
    }

    Optional<JsonObject> one(String name) {
        return Optional.ofNullable(models.get(name)).map(this::json);
    }

    /// A page of the list.
    ///
    /// @param after the name the page begins after, empty for the first page; OpenAI has no pages
    JsonObject page(String after, int limit) {
        var all = List.copyOf(models.values());
        var from = after.isEmpty() ? 0 : names().indexOf(after) + 1;
        var to = dialect == Dialect.OPENAI ? all.size() : Math.min(all.size(), from + limit);
        var data = new JsonArray();
        all.subList(from, to).forEach(deployment -> data.add(json(deployment)));
        return switch (dialect) {
            case OPENAI -> new JsonObject().put("object", "list").put("data", data);
            case ANTHROPIC ->
                    new JsonObject()
                            .put("data", data)
                            .put("has_more", to < all.size())
                            .put("first_id", from < to ? names().get(from) : null)
                            .put("last_id", from < to ? names().get(to - 1) : null);
        };
    }

    private JsonObject json(Deployment deployment) {
        var name = deployment.model().name();
        return switch (dialect) {
            case OPENAI ->
                    new JsonObject()
                            .put("id", name)
                            .put("object", "model")
                            .put("created", 0)
                            .put("owned_by", deployment.provider().name());
            case ANTHROPIC ->
                    new JsonObject()
                            .put("type", "model")
                            .put("id", name)
                            .put("display_name", name)
                            .put("created_at", "1970-01-01T00:00:00Z");
        };
    }
}
