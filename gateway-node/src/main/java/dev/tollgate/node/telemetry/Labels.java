package dev.tollgate.node.telemetry;

import dev.tollgate.catalogue.Deployment;
import java.util.function.Predicate;

/// The values that callers could make up, bounded before they become labels of a metric.
final class Labels {

    /// Stands for every model outside the catalogue.
    static final String OTHER = "other";

    private final Predicate<String> listedModel;

    /// @param listedModel whether the catalogue, and not a caller, named a model
    Labels(Predicate<String> listedModel) {
        this.listedModel = listedModel;
    }

    String model(Deployment deployment) {
        var name = deployment.model().name();
        return listedModel.test(name) ? name : OTHER;
    }
}
