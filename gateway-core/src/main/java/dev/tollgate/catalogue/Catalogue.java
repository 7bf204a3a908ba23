package dev.tollgate.catalogue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Which deployments there are, and how a model name finds them.
///
/// A name is looked up as it is, then as `provider/model`, then without the date or `-latest` at
/// its end: a dated name is priced as the model it begins with, and sent as it is. A name nobody
/// lists goes, unpriced, to the one provider of the request's dialect; `provider/name` says which
/// when there are several.
public final class Catalogue {

    /// As OpenAI (`-2024-07-18`) and Anthropic (`-20251001`) name the states of a model.
    private static final Pattern STATE =
            Pattern.compile("-(?:\\d{8}|\\d{4}-\\d{2}-\\d{2}|latest)$");

    private final List<Provider> providers;
    private final List<Deployment> deployments;
    private final Map<String, List<Deployment>> byName = new HashMap<>();

    public Catalogue(List<Provider> providers, List<Deployment> deployments) {
        this.providers = List.copyOf(providers);
        this.deployments = List.copyOf(deployments);
        for (var deployment : this.deployments) {
            list(deployment.model().name(), deployment);
            list(qualified(deployment), deployment);
        }
    }

    public List<Provider> providers() {
        return providers;
    }

    public List<Deployment> deployments() {
        return deployments;
    }

    /// What a model name leads to.
    public sealed interface Resolution {}

    /// At least one deployment, in the catalogue's order.
    public record Found(List<Deployment> deployments) implements Resolution {
        public Found {
            deployments = List.copyOf(deployments);
        }
    }

    /// Nothing serves it, and why.
    public record Unknown(String hint) implements Resolution {}

    public Resolution resolve(Endpoint endpoint, String model) {
        var listed = listed(model);
        var speaking = listed.stream().filter(d -> speaks(d.provider(), endpoint)).toList();
        if (!speaking.isEmpty()) {
            return new Found(speaking);
        }
        if (!listed.isEmpty()) {
            return new Unknown(otherDialect(listed.getFirst().provider(), endpoint));
        }
        return unlisted(endpoint, model);
    }

    /// The model that `name` is at a provider, as its answers name it; empty when it is not listed.
    public Optional<Model> listed(Provider provider, String name) {
        return listed(name).stream()
                .filter(deployment -> deployment.provider().name().equals(provider.name()))
                .map(Deployment::model)
                .findFirst();
    }

    /// A model's name without the date or `-latest` at its end.
    public static String withoutState(String name) {
        var state = STATE.matcher(name);
        return state.find() ? name.substring(0, state.start()) : name;
    }

    private List<Deployment> listed(String name) {
        var exact = byName.get(name);
        if (exact != null) {
            return exact;
        }
        var state = STATE.matcher(name);
        return state.find() ? dated(name.substring(0, state.start()), state.group()) : List.of();
    }

    private List<Deployment> dated(String base, String state) {
        return byName.getOrDefault(base, List.of()).stream()
                .filter(deployment -> !deployment.provider().sandbox())
                .map(deployment ->
                        new Deployment(
                                deployment.provider(),
                                deployment.model(),
                                deployment.upstreamModel() + state))
                .toList();
    }

    private Resolution unlisted(Endpoint endpoint, String model) {
        var slash = model.indexOf('/');
        if (slash > 0) {
            var named = provider(model.substring(0, slash));
            if (named != null) {
                var rest = model.substring(slash + 1);
                return speaks(named, endpoint) && !named.sandbox() && !rest.isEmpty()
                        ? found(named, rest)
                        : new Unknown(
                                named.sandbox()
                                        ? "provider sandbox has no such model"
                                        : otherDialect(named, endpoint));
            }
        }
        var able = providers.stream().filter(p -> speaks(p, endpoint) && !p.sandbox()).toList();
        return switch (able.size()) {
            case 0 -> new Unknown(nobody(endpoint));
            case 1 -> found(able.getFirst(), model);
            default -> new Unknown("name the provider too: " + choices(able, model));
        };
    }

    private static Found found(Provider provider, String model) {
        return new Found(List.of(new Deployment(provider, Model.unlisted(model), model)));
    }

    private void list(String name, Deployment deployment) {
        byName.computeIfAbsent(name, _ -> new ArrayList<>()).add(deployment);
    }

    private @Nullable Provider provider(String name) {
        return providers.stream().filter(p -> p.name().equals(name)).findFirst().orElse(null);
    }

    /// The sandbox answers in every dialect.
    private static boolean speaks(Provider provider, Endpoint endpoint) {
        return provider.sandbox() || provider.dialect() == endpoint.dialect();
    }

    private static String qualified(Deployment deployment) {
        return deployment.provider().name() + "/" + deployment.model().name();
    }

    private static String otherDialect(Provider provider, Endpoint endpoint) {
        return "provider "
                + provider.name()
                + " speaks the "
                + provider.dialect().label()
                + " dialect, not that of "
                + endpoint.path();
    }

    private static String nobody(Endpoint endpoint) {
        return "no provider of the "
                + endpoint.dialect().label()
                + " dialect is configured; sandbox/echo always answers";
    }

    private static String choices(List<Provider> able, String model) {
        return able.stream().map(p -> p.name() + "/" + model).collect(Collectors.joining(", "));
    }
}
