package dev.tollgate.catalogue;

import java.util.List;

/// Which deployments there are, and how a model name finds them.
public record Catalogue(List<Provider> providers, List<Deployment> deployments) {

    public Catalogue {
        providers = List.copyOf(providers);
        deployments = List.copyOf(deployments);
    }
}
