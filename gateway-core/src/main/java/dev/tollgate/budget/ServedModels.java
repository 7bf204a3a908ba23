package dev.tollgate.budget;

import dev.tollgate.catalogue.Model;
import dev.tollgate.catalogue.Provider;
import java.util.Optional;

/// Which model a provider's answer came from. Any thread; does not block.
@FunctionalInterface
public interface ServedModels {

    /// @param name as the answer gives it
    /// @return empty when the catalogue does not list it for that provider
    Optional<Model> find(String organization, Provider provider, String name);
}
