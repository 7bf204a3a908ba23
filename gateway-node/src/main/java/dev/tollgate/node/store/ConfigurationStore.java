package dev.tollgate.node.store;

import static dev.tollgate.schema.jooq.Tables.BUDGETS;
import static dev.tollgate.schema.jooq.Tables.KEYS;
import static dev.tollgate.schema.jooq.Tables.MODELS;
import static dev.tollgate.schema.jooq.Tables.ORGANIZATIONS;
import static dev.tollgate.schema.jooq.Tables.PRICES;
import static dev.tollgate.schema.jooq.Tables.PROVIDERS;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tollgate.budget.Budget;
import dev.tollgate.budget.BudgetReader;
import dev.tollgate.budget.BudgetSet;
import dev.tollgate.caller.ApiKey;
import dev.tollgate.caller.Caller;
import dev.tollgate.caller.Role;
import dev.tollgate.catalogue.Catalogue;
import dev.tollgate.catalogue.Deployment;
import dev.tollgate.catalogue.Dialect;
import dev.tollgate.catalogue.Model;
import dev.tollgate.catalogue.Provider;
import dev.tollgate.config.Configuration;
import dev.tollgate.price.Price;
import dev.tollgate.schema.jooq.tables.records.BudgetsRecord;
import dev.tollgate.schema.jooq.tables.records.KeysRecord;
import dev.tollgate.schema.jooq.tables.records.ModelsRecord;
import dev.tollgate.schema.jooq.tables.records.PricesRecord;
import dev.tollgate.schema.jooq.tables.records.ProvidersRecord;
import java.net.URI;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jooq.DSLContext;
import org.jooq.TransactionalCallable;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads whole configurations from PostgreSQL, each in one snapshot. Blocks.
public final class ConfigurationStore {

    private static final Logger LOG = LoggerFactory.getLogger(ConfigurationStore.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String EVERY_MODEL = "*";

    private final DSLContext sql;
    private final CredentialSource credentials;

    public ConfigurationStore(DSLContext sql, CredentialSource credentials) {
        this.sql = sql;
        this.credentials = credentials;
    }

    /// The version of every organization's configuration.
    Map<String, Long> versions() {
        return sql.select(ORGANIZATIONS.NAME, ORGANIZATIONS.CONFIGURATION_VERSION)
                .from(ORGANIZATIONS)
                .fetchMap(ORGANIZATIONS.NAME, ORGANIZATIONS.CONFIGURATION_VERSION);
    }

    /// @throws IllegalArgumentException when there is no such organization
    Configuration read(String organization) {
        return snapshot(within -> read(DSL.using(within), organization));
    }

    private <T> T snapshot(TransactionalCallable<T> reading) {
        return Objects.requireNonNull(
                sql.transactionResult(transaction -> {
                    DSL.using(transaction)
                            .execute(
                                    "set transaction isolation level repeatable read, read"
                                            + " only");
                    return reading.run(transaction);
                }));
    }

    private Configuration read(DSLContext within, String organization) {
        var version =
                within.select(ORGANIZATIONS.CONFIGURATION_VERSION)
                        .from(ORGANIZATIONS)
                        .where(ORGANIZATIONS.NAME.eq(organization))
                        .fetchOne(ORGANIZATIONS.CONFIGURATION_VERSION);
        if (version == null) {
            throw new IllegalArgumentException(
                    "organization: " + organization + " (expected: one that exists)");
        }
        return new Configuration(
                organization,
                version,
                keys(within, organization),
                new BudgetSet(version, budgets(within, organization)),
                catalogue(within));
    }

    private static Map<String, ApiKey> keys(DSLContext within, String organization) {
        var keys = new HashMap<String, ApiKey>();
        for (var key : within.selectFrom(KEYS).where(KEYS.ORGANIZATION.eq(organization))) {
            keys.put(key.getKeyId(), apiKey(key));
        }
        return keys;
    }

    private static ApiKey apiKey(KeysRecord key) {
        return new ApiKey(
                new Caller(
                        key.getOrganization(),
                        key.getKeyId(),
                        key.getName(),
                        orEmpty(key.getUserName()),
                        orEmpty(key.getTeam()),
                        orEmpty(key.getProject()),
                        Role.valueOf(key.getRole().toUpperCase(Locale.ROOT)),
                        models(key.getModels())),
                key.getSecretHmac(),
                Optional.ofNullable(key.getExpiresAt()).map(OffsetDateTime::toInstant),
                Optional.ofNullable(key.getRevokedAt()).map(OffsetDateTime::toInstant));
    }

    private static List<String> models(String[] patterns) {
        return Arrays.asList(patterns).contains(EVERY_MODEL) ? List.of() : List.of(patterns);
    }

    private static List<Budget> budgets(DSLContext within, String organization) {
        var budgets = new ArrayList<Budget>();
        for (var stored :
                within.selectFrom(BUDGETS)
                        .where(BUDGETS.ORGANIZATION.eq(organization))
                        .and(BUDGETS.DELETED_AT.isNull())
                        .orderBy(BUDGETS.NAME)) {
            budgets.add(budget(stored));
        }
        return budgets;
    }

    private static Budget budget(BudgetsRecord stored) {
        return switch (BudgetReader.read(tree(stored.getDefinition().data()))) {
            case BudgetReader.Read read ->
                    read.definition().named(stored.getId(), stored.getName());
            case BudgetReader.Faulty faulty ->
                    throw new IllegalStateException(
                            "budget " + stored.getName() + " as stored: " + faulty.faults());
        };
    }

    private static Map<String, @Nullable Object> tree(String json) {
        try {
            var tree = new LinkedHashMap<String, @Nullable Object>();
            Map<?, ?> read = JSON.readValue(json, LinkedHashMap.class);
            read.forEach((key, value) -> tree.put(String.valueOf(key), value));
            return tree;
        } catch (JsonProcessingException bad) {
            throw new IllegalStateException("a stored budget is not JSON", bad);
        }
    }

    private Catalogue catalogue(DSLContext within) {
        var prices = prices(within);
        var providers = new LinkedHashMap<String, Provider>();
        var place = DSL.jsonbGetAttributeAsText(PROVIDERS.SETTINGS, ProviderStore.PLACE);
        for (var stored :
                within.selectFrom(PROVIDERS)
                        .orderBy(place.cast(Integer.class).nullsLast(), PROVIDERS.NAME)) {
            provider(stored).ifPresent(provider -> providers.put(provider.name(), provider));
        }
        var places = List.copyOf(providers.keySet());
        var models =
                within.selectFrom(MODELS).orderBy(MODELS.PROVIDER, MODELS.NAME).stream()
                        .sorted(Comparator.comparingInt(it -> places.indexOf(it.getProvider())))
                        .toList();
        var deployments = new ArrayList<Deployment>();
        for (var stored : models) {
            var provider = providers.get(stored.getProvider());
            if (provider != null) {
                var price = prices.get(priceKey(provider.type(), stored.getUpstreamModel()));
                deployments.add(
                        new Deployment(provider, model(stored, price), stored.getUpstreamModel()));
            }
        }
        return new Catalogue(List.copyOf(providers.values()), deployments);
    }

    private Optional<Provider> provider(ProvidersRecord stored) {
        var source = orEmpty(stored.getCredentialSource());
        var credential = credentials.find(source);
        if (!source.isEmpty() && credential.isEmpty()) {
            LOG.warn(
                    "Provider {} is left out: {} leads to no credential", stored.getName(), source);
            return Optional.empty();
        }
        return Optional.of(
                new Provider(
                        stored.getName(),
                        stored.getType(),
                        stored.getType().equals("anthropic") ? Dialect.ANTHROPIC : Dialect.OPENAI,
                        URI.create(stored.getBaseUrl()),
                        credential));
    }

    private static Map<String, Price> prices(DSLContext within) {
        var newest = new HashMap<String, Price>();
        for (var stored : within.selectFrom(PRICES).orderBy(PRICES.VERSION)) {
            newest.put(priceKey(stored.getProviderType(), stored.getModel()), price(stored));
        }
        return newest;
    }

    private static Price price(PricesRecord stored) {
        var picos =
                new long[] {
                    stored.getUncachedInputPico(),
                    stored.getCacheReadPico(),
                    stored.getCacheWrite_5mPico(),
                    stored.getCacheWrite_1hPico(),
                    stored.getOutputPico()
                };
        var version = stored.getModel() + "@" + stored.getVersion();
        return PriceJson.read(version, picos, stored.getExtra().data());
    }

    private static Model model(ModelsRecord stored, @Nullable Price price) {
        return new Model(
                stored.getName(),
                Optional.ofNullable(stored.getEncoding()).orElse("o200k_base"),
                orZero(stored.getContextTokens()),
                orZero(stored.getOutputTokensMax()),
                attachmentTokensMax(stored.getCapabilities().data()),
                Optional.ofNullable(price));
    }

    private static long attachmentTokensMax(String capabilities) {
        try {
            return JSON.readTree(capabilities)
                    .path("attachment_tokens_max")
                    .asLong(Model.ATTACHMENT_TOKENS_ASSUMED);
        } catch (JsonProcessingException bad) {
            throw new IllegalStateException("models.capabilities", bad);
        }
    }

    private static String priceKey(String type, String model) {
        return type + "/" + model;
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static long orZero(@Nullable Long number) {
        return number == null ? 0 : number;
    }
}
