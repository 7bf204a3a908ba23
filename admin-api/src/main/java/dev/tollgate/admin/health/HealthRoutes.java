package dev.tollgate.admin.health;

import dev.tollgate.admin.NodeControl;
import dev.tollgate.admin.http.Answer;
import dev.tollgate.admin.http.Call;
import dev.tollgate.admin.http.Contract;
import dev.tollgate.admin.http.Operation;
import dev.tollgate.admin.json.Tree;
import java.util.Map;

/// Health, metrics and the OpenAPI document.
public final class HealthRoutes {

    private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

    private final NodeControl node;
    private final Contract contract;

    public HealthRoutes(NodeControl node, Contract contract) {
        this.node = node;
        this.contract = contract;
    }

    public Map<String, Operation> operations() {
        return Map.of(
                "isLive", _ -> HealthRoutes::live,
                "isReady", _ -> this::ready,
                "getMetrics", _ -> this::metrics,
                "getOpenApiYaml", this::yaml,
                "getOpenApiJson", this::json);
    }

    private static Answer live() {
        return Answer.json(200, Tree.object().with("status", "live"));
    }

    private Answer ready() {
        var readiness = node.readiness();
        var body =
                Tree.of(readiness.details())
                        .with("status", readiness.ready() ? "ready" : "not_ready");
        return Answer.json(readiness.ready() ? 200 : 503, body);
    }

    private Answer metrics() {
        return Answer.text(200, PROMETHEUS, node.metrics());
    }

    private Operation.Work yaml(Call call) {
        call.parameters().end();
        return () -> Answer.text(200, "application/yaml", contract.yaml());
    }

    private Operation.Work json(Call call) {
        call.parameters().end();
        return () -> Answer.text(200, "application/json", contract.json());
    }
}
