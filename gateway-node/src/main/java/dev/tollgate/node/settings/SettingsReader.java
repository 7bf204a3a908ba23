package dev.tollgate.node.settings;

import dev.tollgate.caller.Anonymous;
import dev.tollgate.caller.Secret;
import dev.tollgate.node.settings.NodeSettings.ProviderSetting;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Turns the settings file and the environment into [NodeSettings]. The environment wins.
public final class SettingsReader {

    private static final Set<String> PROVIDER_TYPES = Set.of("openai", "anthropic", "ollama");
    private static final Set<String> PROVIDER_NAMES_TAKEN = Set.of("sandbox");
    private static final int ADMIN_TOKEN_CHARACTERS_MIN = 16;
    private static final int PEPPER_CHARACTERS_MIN = 32;
    private static final int DEFAULT_CLUSTER_PORT = 5701;
    private static final int ATTEMPTS_MAX = 10;

    /// The settings that one environment variable each overrides.
    private static final Map<String, String> OVERRIDES =
            Map.of(
                    "TOLLGATE_DATABASE_URL", "database_url",
                    "TOLLGATE_DATA", "data",
                    "TOLLGATE_BIND", "bind",
                    "TOLLGATE_PORT", "port",
                    "TOLLGATE_ADMIN_PORT", "admin_port",
                    "TOLLGATE_ANONYMOUS", "anonymous",
                    "TOLLGATE_DAILY_TOKENS_PER_USER", "daily_tokens_per_user",
                    "TOLLGATE_DAILY_USD", "daily_usd",
                    "TOLLGATE_ADMIN_ENABLED", "admin_enabled",
                    "TOLLGATE_ADMIN_HOSTS", "admin_hosts");

    /// The same, inside `cluster`.
    private static final Map<String, String> CLUSTER_OVERRIDES =
            Map.of(
                    "TOLLGATE_CLUSTER_NAME", "name",
                    "TOLLGATE_CLUSTER_BIND", "bind",
                    "TOLLGATE_CLUSTER_PORT", "port",
                    "TOLLGATE_CLUSTER_MEMBERS", "members",
                    "TOLLGATE_CLUSTER_KUBERNETES_DNS", "kubernetes_dns");

    private final Map<String, String> environment;
    private final List<SettingsFault> faults = new ArrayList<>();

    public SettingsReader(Map<String, String> environment) {
        this.environment = environment;
    }

    /// @param file the parsed file, empty when there is none
    /// @param source its name, for messages
    /// @throws SettingsException with every fault
    public NodeSettings read(Map<String, @Nullable Object> file, String source) {
        var tree = new SettingsTree(overridden(file), "", faults);
        var settings = settings(tree);
        tree.refuseUnknown();
        if (!faults.isEmpty()) {
            throw new SettingsException(source, faults);
        }
        return settings;
    }

    private Map<String, @Nullable Object> overridden(Map<String, @Nullable Object> file) {
        var values = new LinkedHashMap<String, @Nullable Object>(file);
        override(values, OVERRIDES);
        var cluster = new LinkedHashMap<String, @Nullable Object>();
        if (values.get("cluster") instanceof Map<?, ?> written) {
            written.forEach((key, value) -> cluster.put(String.valueOf(key), value));
        } else if (values.get("cluster") != null) {
            return values;
        }
        override(cluster, CLUSTER_OVERRIDES);
        if (!cluster.isEmpty()) {
            values.put("cluster", cluster);
        }
        return values;
    }

    private void override(
            Map<String, @Nullable Object> values, Map<String, String> settingsByVariable) {
        settingsByVariable.forEach((variable, key) -> {
            var value = environment.get(variable);
            if (value != null && !value.isBlank()) {
                values.put(key, value.strip());
            }
        });
    }

    private NodeSettings settings(SettingsTree tree) {
        var databaseUrl = tree.optionalText("database_url").map(Secret::new);
        var local = databaseUrl.isEmpty();
        var adminEnabled = tree.choice("admin_enabled", Switch.TRUE) == Switch.TRUE;
        return new NodeSettings(
                tree.text("bind", "127.0.0.1"),
                tree.integer("port", 8080, 0, 65_535),
                tree.integer("admin_port", 8081, 0, 65_535),
                adminEnabled,
                adminHosts(tree),
                Path.of(tree.text("data", "./data")),
                databaseUrl,
                secret("TOLLGATE_ADMIN_TOKEN", ADMIN_TOKEN_CHARACTERS_MIN, !local && adminEnabled),
                secret("TOLLGATE_KEY_PEPPER", PEPPER_CHARACTERS_MIN, !local),
                tree.choice("anonymous", local ? Anonymous.LOOPBACK : Anonymous.OFF),
                tree.number("daily_tokens_per_user", 0, 0, 1_000_000_000_000L),
                dailyUsd(tree),
                limits(tree.child("limits")),
                timeouts(tree.child("timeouts")),
                journal(tree.child("journal")),
                cluster(tree.child("cluster"), local),
                queue(tree.child("queue")),
                failover(tree.child("failover")),
                providers(tree),
                tree.rawList("budgets"),
                tree.rawList("keys"));
    }

    /// Names without a port: it is whatever leads to this node.
    private static List<String> adminHosts(SettingsTree tree) {
        var hosts = tree.texts("admin_hosts");
        for (var host : hosts) {
            if (!host.matches("[*]|[A-Za-z0-9]([A-Za-z0-9.-]{0,252})")) {
                tree.fault("admin_hosts", host, "a host name without a port, or * for any");
            }
        }
        return hosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList();
    }

    private enum Switch {
        TRUE,
        FALSE
    }

    /// @param required by a node that shares its database with others, which must agree on it
    private Optional<Secret> secret(String variable, int charactersMin, boolean required) {
        var value = environment.get(variable);
        if (value == null) {
            if (required) {
                faults.add(
                        new SettingsFault(
                                variable,
                                "absent",
                                "at least "
                                        + charactersMin
                                        + " characters, as database_url is set"));
            }
            return Optional.empty();
        }
        if (value.strip().length() < charactersMin) {
            faults.add(
                    new SettingsFault(
                            variable,
                            value.strip().length() + " characters",
                            "at least " + charactersMin + " characters"));
        }
        return Optional.of(new Secret(value.strip()));
    }

    private static String dailyUsd(SettingsTree tree) {
        var text = tree.text("daily_usd", "");
        if (!text.isEmpty()) {
            try {
                if (new BigDecimal(text).signum() > 0 && new BigDecimal(text).scale() <= 9) {
                    return text;
                }
            } catch (NumberFormatException _) {
                // told below
            }
            tree.fault("daily_usd", text, "dollars above 0, such as 5 or 2.50");
        }
        return "";
    }

    private static NodeSettings.Limits limits(SettingsTree tree) {
        var absent = NodeSettings.Limits.DEFAULT;
        return new NodeSettings.Limits(
                tree.integer(
                        "request_body_bytes_max", absent.requestBodyBytesMax(), 1024, 128 << 20),
                tree.integer("reply_body_bytes_max", absent.replyBodyBytesMax(), 1024, 512 << 20),
                tree.integer(
                        "upstream_connections_max", absent.upstreamConnectionsMax(), 1, 65_535));
    }

    private static NodeSettings.Timeouts timeouts(SettingsTree tree) {
        var absent = NodeSettings.Timeouts.DEFAULT;
        var shortest = Duration.ofMillis(10);
        var longest = Duration.ofDays(1);
        return new NodeSettings.Timeouts(
                tree.duration("request_body", absent.requestBody(), shortest, longest),
                tree.duration("connect", absent.connect(), shortest, longest),
                tree.duration("first_byte", absent.firstByte(), shortest, longest),
                tree.duration("idle", absent.idle(), shortest, longest),
                tree.duration("total", absent.total(), shortest, longest),
                tree.duration("heartbeat", absent.heartbeat(), shortest, Duration.ofSeconds(15)),
                tree.duration("slow_reader", absent.slowReader(), shortest, longest),
                tree.duration("drain_delay", absent.drainDelay(), Duration.ZERO, longest),
                tree.duration("drain", absent.drain(), Duration.ZERO, longest));
    }

    private static NodeSettings.Journal journal(SettingsTree tree) {
        var absent = NodeSettings.Journal.DEFAULT;
        return new NodeSettings.Journal(
                tree.duration(
                        "sync_interval",
                        absent.syncInterval(),
                        Duration.ZERO,
                        Duration.ofMinutes(1)),
                tree.number("bytes_max", absent.bytesMax(), 64L << 20, 1L << 40));
    }

    private static NodeSettings.Cluster cluster(SettingsTree tree, boolean local) {
        var absent = NodeSettings.Cluster.ALONE;
        var members = tree.texts("members");
        var dns = tree.optionalText("kubernetes_dns");
        var joins = !members.isEmpty() || dns.isPresent();
        for (var member : members) {
            if (!member.matches("[^\\s:,]+:[1-9][0-9]{0,4}")) {
                tree.fault("members", member, "host:port");
            }
        }
        if (!members.isEmpty() && dns.isPresent()) {
            tree.fault("kubernetes_dns", dns.get(), "absent where members is set");
        }
        if (joins && local) {
            tree.fault(
                    members.isEmpty() ? "kubernetes_dns" : "members",
                    members.isEmpty() ? dns.orElse("") : String.join(",", members),
                    "absent, or database_url set: nodes share one PostgreSQL");
        }
        var name = tree.text("name", absent.name());
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")) {
            tree.fault("name", name, "letters, digits, dots, dashes and underscores, at most 63");
        }
        return new NodeSettings.Cluster(
                name,
                clusterBind(tree, absent.bind(), members, dns.isPresent()),
                tree.integer(
                        "port",
                        joins ? DEFAULT_CLUSTER_PORT : absent.port(),
                        joins ? 1 : 0,
                        65_535),
                members,
                dns);
    }

    /// Whoever reaches the port can join: so it is one address, which somebody has chosen.
    private static String clusterBind(
            SettingsTree tree, String absent, List<String> members, boolean byDns) {
        var bind = tree.text("bind", absent);
        if (!bind.matches("[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
                || List.of("0.0.0.0", "::").contains(bind)) {
            tree.fault("bind", bind, "the IP address of one private interface of this machine");
        }
        var near = members.stream().allMatch(member -> member.matches("(127\\.|localhost:).*"));
        if (bind.startsWith("127.") && (byDns || !near)) {
            tree.fault("bind", bind, "an address the other nodes reach: they are elsewhere");
        }
        return bind;
    }

    private static NodeSettings.Queue queue(SettingsTree tree) {
        var absent = NodeSettings.Queue.DEFAULT;
        var longest = Duration.ofMinutes(1);
        return new NodeSettings.Queue(
                tree.duration("concurrency_wait", absent.concurrencyWait(), Duration.ZERO, longest),
                tree.duration("rate_wait", absent.rateWait(), Duration.ZERO, longest),
                tree.integer("requests_max", absent.requestsMax(), 0, 1_000_000));
    }

    private static NodeSettings.Failover failover(SettingsTree tree) {
        var absent = NodeSettings.Failover.DEFAULT;
        return new NodeSettings.Failover(
                tree.integer("attempts_max", absent.attemptsMax(), 1, ATTEMPTS_MAX));
    }

    private List<ProviderSetting> providers(SettingsTree tree) {
        var names = new LinkedHashSet<String>();
        var providers = new ArrayList<ProviderSetting>();
        for (var child : tree.children("providers")) {
            provider(child)
                    .filter(setting -> fresh(child, names, setting))
                    .ifPresent(providers::add);
        }
        for (var known : KnownProvider.values()) {
            if (!names.contains(known.label())) {
                fromEnvironment(known).ifPresent(providers::add);
            }
        }
        return providers;
    }

    private static boolean fresh(SettingsTree child, Set<String> names, ProviderSetting setting) {
        if (PROVIDER_NAMES_TAKEN.contains(setting.name()) || !names.add(setting.name())) {
            child.fault("name", setting.name(), "a name no other provider has");
            return false;
        }
        return true;
    }

    private static Optional<ProviderSetting> provider(SettingsTree child) {
        var name = child.requiredText("name");
        var type = child.requiredText("type");
        var baseUrl = child.url("base_url");
        var credential = child.text("credential", "");
        if (!name.matches("[a-z0-9][a-z0-9_.-]{0,62}")) {
            child.fault("name", name, "lower-case letters, digits, dots and dashes, at most 63");
            return Optional.empty();
        }
        if (!PROVIDER_TYPES.contains(type)) {
            child.fault(
                    "type",
                    type,
                    "one of " + String.join(", ", PROVIDER_TYPES.stream().sorted().toList()));
            return Optional.empty();
        }
        if (!credential.isEmpty() && !credential.startsWith("env:")) {
            child.fault("credential", "not shown", "env:NAME_OF_A_VARIABLE");
        }
        var url = baseUrl.or(() -> KnownProvider.of(type).map(KnownProvider::baseUrl));
        return url.map(found -> new ProviderSetting(name, type, found, credential, "file"));
    }

    private Optional<ProviderSetting> fromEnvironment(KnownProvider known) {
        var credential = environment.get(known.credentialVariable());
        var baseUrl = environment.get(known.baseUrlVariable());
        var mentioned = known.needsCredential() ? credential : baseUrl;
        if (mentioned == null || mentioned.isBlank()) {
            return Optional.empty();
        }
        return Optional.of(
                new ProviderSetting(
                        known.label(),
                        known.label(),
                        known.baseUrl(baseUrl, faults),
                        known.needsCredential() ? "env:" + known.credentialVariable() : "",
                        "environment"));
    }
}
