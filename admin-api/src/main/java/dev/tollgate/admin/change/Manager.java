package dev.tollgate.admin.change;

import java.util.Locale;

/// Where a resource is kept, and so where it is changed.
public enum Manager {
    API,
    FILE,
    ENVIRONMENT;

    /// As the database and the API name it.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Manager of(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT));
    }
}
