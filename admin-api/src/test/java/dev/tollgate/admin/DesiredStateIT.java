package dev.tollgate.admin;

import static dev.tollgate.schema.jooq.Tables.AUDIT;
import static dev.tollgate.schema.jooq.Tables.BUDGETS;
import static dev.tollgate.schema.jooq.Tables.KEYS;
import static dev.tollgate.schema.jooq.Tables.ORGANIZATIONS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.tollgate.admin.desired.DesiredState;
import dev.tollgate.admin.desired.DesiredStateException;
import dev.tollgate.admin.desired.Wanted;
import dev.tollgate.caller.KeyFormat;
import dev.tollgate.schema.jooq.tables.records.BudgetsRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DesiredStateIT {

    private static final String LOCAL = "local";
    private static final Wanted NOTHING = new Wanted(List.of(), List.of(), 0, "");

    private final AdminServer server = AdminServer.running();
    private final AdminClient client = server.client(LOCAL);
    private final Map<String, String> environment = new HashMap<>();
    private final String secret = KeyFormat.mint(new SecureRandom()).reveal();

    @AfterEach
    void removeEverything() {
        apply(NOTHING);
        server.database().deleteFrom(BUDGETS).where(BUDGETS.ORGANIZATION.eq(LOCAL)).execute();
        server.database().deleteFrom(KEYS).where(KEYS.ORGANIZATION.eq(LOCAL)).execute();
    }

    @Test
    void budgets_are_made_changed_and_removed() {
        apply(
                file(
                        "budgets: [{name: a, period: day, limits: {requests: 1}}, "
                                + "{name: b, period: day, limits: {requests: 1}}]"));
        var id = budget("a").getId();

        var applied = apply(file("budgets: [{name: a, period: day, limits: {requests: 2}}]"));

        assertThat(applied.changed()).isEqualTo(2);
        assertThat(budget("a").getId()).isEqualTo(id);
        assertThat(budget("a").getManagedBy()).isEqualTo("file");
        assertThat(client.get("budgets/a").json().getJsonObject("limits").getInteger("requests"))
                .isEqualTo(2);
        client.get("budgets/b").expect(404);
        client.put("budgets/a", "{\"period\":\"day\",\"limits\":{\"requests\":9}}").expect(409);
    }

    @Test
    void a_repeat_changes_nothing() {
        environment.put("CI_KEY", secret);
        var wanted =
                file(
                        """
                        budgets: [{name: a, period: day, limits: {requests: 1}}]
                        keys: [{name: ci, secret_env: CI_KEY, team: t, models: ['gpt-*'],
                                budgets: [{period: day, limits: {requests: 1}}]}]
                        """);
        assertThat(apply(wanted).changed()).isEqualTo(3);
        var version = version();
        var audits = audits();

        assertThat(apply(wanted).changed()).isZero();

        assertThat(version()).isEqualTo(version);
        assertThat(audits()).isEqualTo(audits);
    }

    @Test
    void ready_made_budgets_come_from_the_environment() {
        apply(new Wanted(List.of(), List.of(), 5000, "2.50"));

        var tokens = client.get("budgets/daily-tokens-per-user").expect(200).json();
        var dollars = client.get("budgets/daily-usd").expect(200).json();
        assertThat(tokens.getString("per")).isEqualTo("end_user");
        assertThat(tokens.getString("period")).isEqualTo("day");
        assertThat(tokens.getJsonObject("limits").getInteger("total_tokens")).isEqualTo(5000);
        assertThat(tokens.getString("managed_by")).isEqualTo("environment");
        assertThat(dollars.getJsonObject("limits").getString("cost_usd")).isEqualTo("2.50");
        apply(NOTHING);
        client.get("budgets/daily-usd").expect(404);
    }

    @Test
    void ready_made_budgets_survive_a_machine_that_moves() {
        var wanted = new Wanted(List.of(), List.of(), 0, "2.50");
        apply(wanted);
        var id = budget("daily-usd").getId();

        server.desiredState(environment).apply(wanted, ZoneId.of("Asia/Tokyo"));

        assertThat(budget("daily-usd").getId()).isNotEqualTo(id);
        assertThat(client.get("budgets/daily-usd").json().getString("time_zone"))
                .isEqualTo("Asia/Tokyo");
    }

    @Test
    void keys_take_their_secret_from_a_variable_or_a_file(@TempDir Path directory)
            throws IOException {
        var other = KeyFormat.mint(new SecureRandom()).reveal();
        environment.put("CI_KEY", secret);
        var file = Files.writeString(directory.resolve("key"), other + "\n");

        apply(
                file(
                        """
                        keys: [{name: ci, secret_env: CI_KEY, user: u, expires_at: '2001-01-01T00:00:00Z'},
                               {name: app, secret_file: '%s'}]
                        """
                                .formatted(file)));

        var key = (KeyFormat.Key) KeyFormat.read(secret);
        var stored = server.database().fetchSingle(KEYS, KEYS.KEY_ID.eq(key.id()));
        assertThat(AdminServer.PEPPER.matches(key.secret(), stored.getSecretHmac())).isTrue();
        assertThat(stored.getUserName()).isEqualTo("u");
        assertThat(client.get("keys").items())
                .extracting(item -> item.getString("name"))
                .containsExactlyInAnyOrder("ci", "app");
    }

    @Test
    void a_key_that_leaves_the_file_is_revoked_and_may_come_back() {
        environment.put("CI_KEY", secret);
        var wanted = file("keys: [{name: ci, secret_env: CI_KEY}]");
        var id = ((KeyFormat.Key) KeyFormat.read(secret)).id();

        apply(wanted);
        apply(NOTHING);
        var gone = client.get("keys/" + id).json().getString("revoked_at");
        apply(wanted);

        assertThat(gone).isNotNull();
        assertThat(client.get("keys/" + id).json().getString("revoked_at")).isNull();
    }

    @Test
    void a_rotated_secret_makes_a_new_key_of_the_same_name() {
        environment.put("CI_KEY", secret);
        var wanted = file("keys: [{name: ci, secret_env: CI_KEY}]");
        apply(wanted);
        environment.put("CI_KEY", KeyFormat.mint(new SecureRandom()).reveal());

        apply(wanted);

        assertThat(client.get("keys").items()).hasSize(1);
        assertThat(client.get("keys?revoked=true").items()).hasSize(2);
    }

    @Test
    void what_the_api_took_over_is_left_alone_and_noted() {
        environment.put("CI_KEY", secret);
        var id = ((KeyFormat.Key) KeyFormat.read(secret)).id();
        var wanted =
                file(
                        """
                        budgets: [{name: a, period: day, limits: {requests: 1}}]
                        keys: [{name: ci, secret_env: CI_KEY}]
                        """);
        apply(wanted);
        client.put("budgets/a?take_over=true", "{\"period\":\"day\",\"limits\":{\"requests\":9}}")
                .expect(200);
        client.delete("keys/" + id + "?take_over=true").expect(204);

        var applied = apply(wanted);

        assertThat(applied.changed()).isZero();
        assertThat(applied.notes()).hasSize(2);
        assertThat(client.get("budgets/a").json().getJsonObject("limits").getInteger("requests"))
                .isEqualTo(9);
        assertThat(client.get("keys/" + id).json().getString("revoked_at")).isNotNull();
    }

    @Test
    void every_fault_is_told_by_path_and_nothing_is_applied() {
        environment.put("WRONG", "sk-tg-not-a-key");
        var wanted =
                file(
                        """
                        budgets:
                          - {name: good, period: day, limits: {requests: 1}}
                          - {name: bad, period: fortnight, limits: {requests: -1}}
                          - {period: day, limits: {requests: 1}}
                          - {name: good, period: day, limits: {requests: 1}}
                        keys:
                          - {name: a, secret_env: UNSET}
                          - {name: b, secret_env: WRONG, color: red}
                          - {name: c}
                          - {name: d, secret_file: /nowhere, expires_in: 24h}
                        """);

        assertThatThrownBy(() -> apply(wanted))
                .isInstanceOfSatisfying(
                        DesiredStateException.class,
                        e ->
                                assertThat(e.faults())
                                        .extracting(fault -> fault.field())
                                        .contains(
                                                "budgets[1].period",
                                                "budgets[1].limits.requests",
                                                "budgets[2].name",
                                                "budgets[3].name",
                                                "keys[0].secret_env",
                                                "keys[1].secret_env",
                                                "keys[1].color",
                                                "keys[2].secret_env",
                                                "keys[3].secret_file",
                                                "keys[3].expires_in"))
                .hasMessageNotContaining("not-a-key");
        client.get("budgets/good").expect(404);
    }

    @Test
    void an_immutable_field_that_changes_is_a_fault_and_nothing_else_is_applied() {
        environment.put("CI_KEY", secret);
        apply(
                file(
                        """
                        budgets: [{name: a, period: day, limits: {requests: 1}}]
                        keys: [{name: ci, secret_env: CI_KEY, team: t1}]
                        """));

        var wanted =
                file(
                        """
                        budgets: [{name: a, period: week, limits: {requests: 1}},
                                  {name: b, period: day, limits: {requests: 1}}]
                        keys: [{name: ci, secret_env: CI_KEY, team: t2}]
                        """);

        assertThatThrownBy(() -> apply(wanted))
                .isInstanceOf(DesiredStateException.class)
                .hasMessageContaining("budgets[0].period: week (expected: day")
                .hasMessageContaining("keys[0].team: t2 (expected: t1");
        client.get("budgets/b").expect(404);
    }

    private DesiredState.Applied apply(Wanted wanted) {
        return server.desiredState(environment).apply(wanted, ZoneOffset.UTC);
    }

    private static Wanted file(String yaml) {
        try {
            var tree =
                    new YAMLMapper()
                            .readValue(
                                    yaml,
                                    new TypeReference<
                                            Map<String, List<Map<String, @Nullable Object>>>>() {});
            return new Wanted(
                    tree.getOrDefault("budgets", List.of()),
                    tree.getOrDefault("keys", List.of()),
                    0,
                    "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private BudgetsRecord budget(String name) {
        return server.database()
                .fetchSingle(
                        BUDGETS,
                        BUDGETS.ORGANIZATION
                                .eq(LOCAL)
                                .and(BUDGETS.NAME.eq(name))
                                .and(BUDGETS.DELETED_AT.isNull()));
    }

    private long version() {
        return Optional.ofNullable(
                        server.database()
                                .fetchSingle(ORGANIZATIONS, ORGANIZATIONS.NAME.eq(LOCAL))
                                .getConfigurationVersion())
                .orElseThrow();
    }

    private int audits() {
        return server.database().fetchCount(AUDIT, AUDIT.ORGANIZATION.eq(LOCAL));
    }
}
