package dev.tollgate.admin.usage;

import static dev.tollgate.schema.jooq.Tables.USAGE_HOURLY;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jooq.Field;
import org.jooq.impl.DSL;
import org.jooq.impl.SQLDataType;

/// What usage can be summed up by. Times are UTC.
@SuppressWarnings("ImmutableEnumChecker") // jOOQ's fields are values, though they do not say so
enum Dimension {
    TEAM(USAGE_HOURLY.TEAM),
    PROJECT(USAGE_HOURLY.PROJECT),
    USER(USAGE_HOURLY.USER_NAME),
    END_USER(USAGE_HOURLY.END_USER),
    KEY(USAGE_HOURLY.KEY_ID),
    MODEL(USAGE_HOURLY.MODEL),
    PROVIDER(USAGE_HOURLY.PROVIDER),
    ENDPOINT(USAGE_HOURLY.ENDPOINT),
    HOUR(utc("YYYY-MM-DD\"T\"HH24:00:00\"Z\"")),
    DAY(utc("YYYY-MM-DD"));

    /// As text, empty where the dimension is absent; sorted by code point, so that a page begins
    /// where the one before ended whatever the collation.
    private final Field<String> column;

    Dimension(Field<String> column) {
        this.column = column.collate("C");
    }

    static final List<String> LABELS = Arrays.stream(values()).map(Dimension::label).toList();

    static Dimension of(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT));
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    Field<String> column() {
        return column;
    }

    private static Field<String> utc(String format) {
        return DSL.field(
                "to_char({0} at time zone 'UTC', {1})",
                SQLDataType.CLOB, USAGE_HOURLY.HOUR, DSL.inline(format));
    }
}
