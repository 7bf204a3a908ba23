package dev.tollgate.budget;

import dev.tollgate.catalogue.Catalogue;
import dev.tollgate.catalogue.Endpoint;

/// Which deployments serve a model that a budget leads to. Any thread; does not block.
@FunctionalInterface
public interface Targets {

    Catalogue.Resolution find(String organization, Endpoint endpoint, String model);
}
