package dev.tollgate.node.store;

import static dev.tollgate.schema.jooq.Tables.MODELS;
import static dev.tollgate.schema.jooq.Tables.PRICES;
import static dev.tollgate.schema.jooq.Tables.PROVIDERS;

import dev.tollgate.catalogue.Dialect;
import dev.tollgate.catalogue.Model;
import dev.tollgate.catalogue.Provider;
import dev.tollgate.node.catalogue.BuiltInCatalogue;
import dev.tollgate.node.settings.NodeSettings.ProviderSetting;
import dev.tollgate.price.Price;
import dev.tollgate.schema.jooq.tables.records.PricesRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jooq.DSLContext;
import org.jooq.JSONB;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;

/// Writes the providers of the file and the environment, with the models the catalogue lists for
/// them, to PostgreSQL, which is where every node reads them from.
public final class ProviderStore {

    private static final String CATALOGUE = "catalogue";

    /// Where a provider stands among those that offer the same model, in its stored settings.
    static final String PLACE = "place";

    private static final int LAST = Integer.MAX_VALUE;
    private static final String SANDBOX_URL = "sandbox:local";

    private final DSLContext sql;
    private final BuiltInCatalogue catalogue;

    public ProviderStore(DSLContext sql, BuiltInCatalogue catalogue) {
        this.sql = sql;
        this.catalogue = catalogue;
    }

    /// Makes the stored providers of file and environment exactly these. What the API manages
    /// stays.
    public void apply(List<ProviderSetting> settings) {
        sql.transaction(transaction -> {
            var within = DSL.using(transaction);
            // Nodes that start together write the same, one after the other.
            within.execute(
                    "select pg_advisory_xact_lock(hashtextextended('tollgate.providers', 0))");
            writePrices(within);
            var names = new ArrayList<String>();
            for (var setting : settings) {
                writeProvider(within, setting, names.size());
                names.add(setting.name());
            }
            writeSandbox(within);
            names.add(Provider.SANDBOX);
            within.deleteFrom(PROVIDERS)
                    .where(PROVIDERS.MANAGED_BY.in("file", "environment"))
                    .and(PROVIDERS.NAME.notIn(names))
                    .execute();
        });
    }

    private void writeProvider(DSLContext within, ProviderSetting setting, int place) {
        upsertProvider(
                within,
                setting.name(),
                setting.type(),
                setting.baseUrl().toString(),
                setting.credentialSource(),
                setting.managedBy(),
                place);
        writeModels(within, setting.name(), setting.type(), dialectOf(setting.type()));
    }

    private void writeSandbox(DSLContext within) {
        upsertProvider(
                within, Provider.SANDBOX, Provider.SANDBOX, SANDBOX_URL, "", "environment", LAST);
        writeModels(within, Provider.SANDBOX, Provider.SANDBOX, Dialect.OPENAI);
    }

    private static void upsertProvider(
            DSLContext within,
            String name,
            String type,
            String baseUrl,
            String credentialSource,
            String managedBy,
            int place) {
        var placed = JSONB.valueOf("{\"%s\":%d}".formatted(PLACE, place));
        within.insertInto(PROVIDERS)
                .set(PROVIDERS.NAME, name)
                .set(PROVIDERS.TYPE, type)
                .set(PROVIDERS.BASE_URL, baseUrl)
                .set(PROVIDERS.CREDENTIAL_SOURCE, credentialSource)
                .set(PROVIDERS.MANAGED_BY, managedBy)
                .set(PROVIDERS.SETTINGS, placed)
                .onConflict(PROVIDERS.NAME)
                .doUpdate()
                .set(PROVIDERS.TYPE, type)
                .set(PROVIDERS.BASE_URL, baseUrl)
                .set(PROVIDERS.CREDENTIAL_SOURCE, credentialSource)
                .set(PROVIDERS.MANAGED_BY, managedBy)
                .set(PROVIDERS.SETTINGS, placed)
                .set(PROVIDERS.UPDATED_AT, DSL.currentOffsetDateTime())
                .execute();
    }

    private void writeModels(DSLContext within, String provider, String type, Dialect dialect) {
        within.deleteFrom(MODELS)
                .where(MODELS.PROVIDER.eq(provider))
                .and(MODELS.MANAGED_BY.eq(CATALOGUE))
                .execute();
        for (var model : catalogue.models(type)) {
            within.insertInto(MODELS)
                    .set(MODELS.PROVIDER, provider)
                    .set(MODELS.NAME, model.name())
                    .set(MODELS.UPSTREAM_MODEL, model.name())
                    .set(MODELS.DIALECT, dialect.label())
                    .set(MODELS.CONTEXT_TOKENS, positive(model.contextTokens()))
                    .set(MODELS.OUTPUT_TOKENS_MAX, positive(model.outputTokensMax()))
                    .set(MODELS.ENCODING, model.encoding())
                    .set(
                            MODELS.CAPABILITIES,
                            JSONB.valueOf(
                                    "{\"attachment_tokens_max\":"
                                            + model.attachmentTokensMax()
                                            + "}"))
                    .set(MODELS.MANAGED_BY, CATALOGUE)
                    .onConflictDoNothing()
                    .execute();
        }
    }

    /// Adds a version for every model whose list price is not the newest stored.
    private void writePrices(DSLContext within) {
        for (var type : List.of("openai", "anthropic", Provider.SANDBOX)) {
            for (var model : catalogue.models(type)) {
                model.price().ifPresent(price -> writePrice(within, type, model, price));
            }
        }
    }

    private static void writePrice(DSLContext within, String type, Model model, Price price) {
        var newest =
                within.selectFrom(PRICES)
                        .where(PRICES.PROVIDER_TYPE.eq(type))
                        .and(PRICES.MODEL.eq(model.name()))
                        .orderBy(PRICES.VERSION.desc())
                        .limit(1)
                        .fetchOne();
        var extra = JSONB.valueOf(PriceJson.write(price));
        if (newest != null
                && (!CATALOGUE.equals(newest.getManagedBy()) || same(newest, price, extra))) {
            return;
        }
        within.insertInto(PRICES)
                .set(PRICES.PROVIDER_TYPE, type)
                .set(PRICES.MODEL, model.name())
                .set(PRICES.VERSION, newest == null ? 1 : newest.getVersion() + 1)
                .set(PRICES.UNCACHED_INPUT_PICO, price.uncachedInputPico())
                .set(PRICES.CACHE_READ_PICO, price.cacheReadPico())
                .set(PRICES.CACHE_WRITE_5M_PICO, price.cacheWrite5mPico())
                .set(PRICES.CACHE_WRITE_1H_PICO, price.cacheWrite1hPico())
                .set(PRICES.OUTPUT_PICO, price.outputPico())
                .set(PRICES.EXTRA, extra)
                .set(PRICES.MANAGED_BY, CATALOGUE)
                .execute();
    }

    private static boolean same(PricesRecord stored, Price price, JSONB extra) {
        return stored.getUncachedInputPico() == price.uncachedInputPico()
                && stored.getCacheReadPico() == price.cacheReadPico()
                && stored.getCacheWrite_5mPico() == price.cacheWrite5mPico()
                && stored.getCacheWrite_1hPico() == price.cacheWrite1hPico()
                && stored.getOutputPico() == price.outputPico()
                && Objects.equals(stored.getExtra(), extra);
    }

    private static @Nullable Long positive(long value) {
        return value > 0 ? value : null;
    }

    private static Dialect dialectOf(String type) {
        return type.equals("anthropic") ? Dialect.ANTHROPIC : Dialect.OPENAI;
    }
}
