package dev.tollgate.schema;

import java.nio.file.Path;

/// Where the tests share the unpacked PostgreSQL.
final class Binaries {

    static final Path DIRECTORY = Path.of("target", "postgres-binaries");

    private Binaries() {}
}
