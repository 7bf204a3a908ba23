package dev.tollgate.admin.key;

import dev.tollgate.admin.http.Call;
import dev.tollgate.admin.json.Fields;
import dev.tollgate.admin.problem.Fault;
import dev.tollgate.schema.jooq.tables.records.KeysRecord;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What is to change of a key; absent is as before.
///
/// @param expirySet whether the expiry is said at all; it may be said to be none
/// @param identity the immutable fields the caller said, to be held against the key's
record KeyChange(
        Optional<String> name,
        Optional<List<String>> models,
        boolean expirySet,
        Optional<Instant> expiresAt,
        Map<String, Optional<String>> identity) {

    static KeyChange read(Call call, Clock clock) {
        var fields = call.fields();
        var name = fields.text("name", KeyReader.NAME_CHARACTERS_MAX);
        var models = KeyReader.models(fields);
        var expiresAt = fields.expiry(clock.instant(), KeyReader.LIFETIME_MAX);
        var expirySet = fields.has("expires_at") || fields.has("expires_in");
        var identity = new LinkedHashMap<String, Optional<String>>();
        for (var field : List.of("user", "team", "project")) {
            if (fields.has(field)) {
                identity.put(field, fields.text(field, KeyReader.NAME_CHARACTERS_MAX));
            }
        }
        refuseNull(fields, "name", name.isPresent());
        refuseNull(fields, "models", models.isPresent());
        fields.end();
        return new KeyChange(name, models, expirySet, expiresAt, identity);
    }

    /// The immutable fields that would change.
    List<Fault> immutable(KeysRecord key) {
        var faults = new ArrayList<Fault>();
        identity.forEach((field, given) -> {
            var now = valueOf(field, key);
            if (!Objects.equals(given.orElse(null), now)) {
                faults.add(
                        new Fault(
                                field,
                                given.orElse(null),
                                now == null ? "nothing, as it is" : now + ", as it is"));
            }
        });
        return faults;
    }

    private static @Nullable String valueOf(String field, KeysRecord key) {
        return switch (field) {
            case "user" -> key.getUserName();
            case "team" -> key.getTeam();
            default -> key.getProject();
        };
    }

    private static void refuseNull(Fields fields, String name, boolean present) {
        if (fields.has(name) && !present && fields.any(name).isEmpty()) {
            fields.refuse(name, null, "a value, or leave it out");
        }
    }
}
