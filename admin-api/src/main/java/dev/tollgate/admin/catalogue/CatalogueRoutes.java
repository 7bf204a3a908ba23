package dev.tollgate.admin.catalogue;

import static dev.tollgate.schema.jooq.Tables.MODELS;
import static dev.tollgate.schema.jooq.Tables.PRICES;
import static dev.tollgate.schema.jooq.Tables.PROVIDERS;

import dev.tollgate.admin.http.Answer;
import dev.tollgate.admin.http.Call;
import dev.tollgate.admin.http.Cursor;
import dev.tollgate.admin.http.Operation;
import dev.tollgate.admin.http.Page;
import dev.tollgate.admin.json.Timestamps;
import dev.tollgate.admin.json.Tree;
import dev.tollgate.schema.jooq.tables.records.ModelsRecord;
import dev.tollgate.schema.jooq.tables.records.PricesRecord;
import dev.tollgate.schema.jooq.tables.records.ProvidersRecord;
import java.util.List;
import java.util.Map;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;

/// Providers, models and prices as they stand.
public final class CatalogueRoutes {

    private static final int LIMIT = 100;
    private static final int LIMIT_MAX = 1000;

    private final DSLContext database;

    public CatalogueRoutes(DSLContext database) {
        this.database = database;
    }

    public Map<String, Operation> operations() {
        return Map.of(
                "listProviders", this::providers,
                "listModels", this::models,
                "listPrices", this::prices);
    }

    private Operation.Work providers(Call call) {
        var query = call.parameters();
        var limit = query.limit(LIMIT, LIMIT_MAX);
        var cursor = query.cursor("providers", 1);
        query.end();
        Condition after =
                cursor.map(last -> PROVIDERS.NAME.gt(last.part(0))).orElse(DSL.noCondition());
        return () -> {
            var rows =
                    database.selectFrom(PROVIDERS)
                            .where(after)
                            .orderBy(PROVIDERS.NAME)
                            .limit(limit + 1)
                            .fetch();
            var page = Page.of(rows, limit, row -> new Cursor("providers", List.of(row.getName())));
            return Answer.json(
                    200, page.tree(items -> items.stream().map(CatalogueRoutes::tree).toList()));
        };
    }

    private Operation.Work models(Call call) {
        var query = call.parameters();
        var limit = query.limit(LIMIT, LIMIT_MAX);
        var cursor = query.cursor("models", 2);
        query.end();
        Condition after =
                cursor.map(last ->
                                DSL.row(MODELS.PROVIDER, MODELS.NAME)
                                        .gt(last.part(0), last.part(1)))
                        .orElse(DSL.noCondition());
        return () -> {
            var rows =
                    database.selectFrom(MODELS)
                            .where(after)
                            .orderBy(MODELS.PROVIDER, MODELS.NAME)
                            .limit(limit + 1)
                            .fetch();
            var page =
                    Page.of(
                            rows,
                            limit,
                            row -> new Cursor("models", List.of(row.getProvider(), row.getName())));
            return Answer.json(
                    200, page.tree(items -> items.stream().map(CatalogueRoutes::tree).toList()));
        };
    }

    private Operation.Work prices(Call call) {
        var query = call.parameters();
        var limit = query.limit(LIMIT, LIMIT_MAX);
        var cursor = query.cursor("prices", 1);
        var last = cursor.flatMap(after -> query.integerOf(after, 0));
        query.end();
        Condition after = last.map(PRICES.ID::lt).orElse(DSL.noCondition());
        return () -> {
            var rows =
                    database.selectFrom(PRICES)
                            .where(after)
                            .orderBy(PRICES.ID.desc())
                            .limit(limit + 1)
                            .fetch();
            var page =
                    Page.of(
                            rows,
                            limit,
                            row -> new Cursor("prices", List.of(row.getId().toString())));
            return Answer.json(
                    200, page.tree(items -> items.stream().map(CatalogueRoutes::tree).toList()));
        };
    }

    private static Tree tree(ProvidersRecord row) {
        return Tree.object()
                .with("name", row.getName())
                .with("type", row.getType())
                .with("base_url", row.getBaseUrl())
                .with("credential_source", row.getCredentialSource())
                .with("managed_by", row.getManagedBy())
                .with("revision", row.getRevision());
    }

    private static Tree tree(ModelsRecord row) {
        return Tree.object()
                .with("provider", row.getProvider())
                .with("name", row.getName())
                .with("upstream_model", row.getUpstreamModel())
                .with("dialect", row.getDialect())
                .with("context_tokens", row.getContextTokens())
                .with("output_tokens_max", row.getOutputTokensMax())
                .with("managed_by", row.getManagedBy())
                .with("revision", row.getRevision());
    }

    private static Tree tree(PricesRecord row) {
        return Tree.object()
                .with("provider_type", row.getProviderType())
                .with("model", row.getModel())
                .with("version", row.getVersion())
                .with("valid_from", Timestamps.text(row.getValidFrom()))
                .with("uncached_input_pico", row.getUncachedInputPico())
                .with("cache_read_pico", row.getCacheReadPico())
                .with("cache_write_5m_pico", row.getCacheWrite_5mPico())
                .with("cache_write_1h_pico", row.getCacheWrite_1hPico())
                .with("output_pico", row.getOutputPico())
                .with("managed_by", row.getManagedBy());
    }
}
