package dev.tollgate.schema;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Properties;
import javax.sql.DataSource;
import org.jooq.DSLContext;
import org.jooq.SQLDialect;
import org.jooq.conf.Settings;
import org.jooq.impl.DSL;

/// The PostgreSQL that holds all lasting state, migrated and ready, behind a pool.
///
/// Either embedded (a PostgreSQL of our own, its data under the data directory) or external.
/// Opening blocks, for 1 to 3 s when embedded, and throws [DatabaseStartException]. Everything
/// blocks, so never use it on an event loop.
///
/// Limits: 10 connections; 5 s to get one, after which a `SQLTransientConnectionException` says so;
/// 5 s to connect; 30 s without an answer and the statement fails with its connection. A lost
/// PostgreSQL is survived: callers get exceptions until it is back, then new connections.
///
/// [#close()] waits for nothing: finish with the database first. There is no shutdown hook, because
/// only the owner knows what must still be written; an embedded PostgreSQL that nobody closed is
/// found and ended by the next start.
public final class Database implements AutoCloseable {

    private static final String MIGRATIONS = "classpath:db/migration";
    private static final int CONNECTIONS_MAX = 10;
    private static final int CONNECTIONS_IDLE = 2;
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration VALIDATION_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(30);
    private static final Duration CONNECTION_LIFETIME_MAX = Duration.ofMinutes(30);
    private static final Duration KEEPALIVE = Duration.ofMinutes(1);

    private final HikariDataSource pool;
    private final DSLContext dsl;
    private final DatabaseUrl url;
    private final Optional<EmbeddedPostgres> embedded;
    private final String description;

    private Database(
            DatabaseUrl url,
            String migrations,
            Optional<EmbeddedPostgres> embedded,
            String description) {
        Migrations.run(url, migrations);
        this.pool = new HikariDataSource(poolOf(url));
        this.dsl = dslOn(pool);
        this.url = url;
        this.embedded = embedded;
        this.description = description;
    }

    /// A PostgreSQL of our own in `<data directory>/postgres`, its program unpacked once into
    /// `<data directory>/cache`.
    ///
    /// One process at a time may use a data directory: a second is refused.
    public static Database embedded(Path dataDirectory) {
        return embedded(dataDirectory, dataDirectory.resolve("cache"));
    }

    /// As [#embedded(Path)], the program unpacked into a directory that several data directories
    /// may share.
    public static Database embedded(Path dataDirectory, Path binariesDirectory) {
        return embedded(dataDirectory, binariesDirectory, MIGRATIONS);
    }

    static Database embedded(Path dataDirectory, Path binariesDirectory, String migrations) {
        var postgres = EmbeddedPostgres.start(dataDirectory, binariesDirectory);
        try {
            return new Database(
                    postgres.url(), migrations, Optional.of(postgres), postgres.toString());
        } catch (RuntimeException e) {
            postgres.close();
            throw e;
        }
    }

    /// The PostgreSQL (14 or newer) at a `postgres://user:password@host/database`, `postgresql://`
    /// or `jdbc:postgresql:` URL.
    public static Database external(String url) {
        return external(url, MIGRATIONS);
    }

    static Database external(String url, String migrations) {
        var parsed = DatabaseUrl.parse(url);
        return new Database(parsed, migrations, Optional.empty(), "PostgreSQL at " + parsed);
    }

    /// The pool. Connections commit each statement unless told otherwise.
    public DataSource dataSource() {
        return pool;
    }

    /// jOOQ on the pool; may be shared by threads. Statements are not logged, for their values are
    /// not ours to show.
    public DSLContext dsl() {
        return dsl;
    }

    /// A connection outside the pool, for what must not wait for a pool that others have filled.
    ///
    /// @param limit to connect, and for each answer; whole seconds
    public Connection connect(String name, Duration limit) throws SQLException {
        var properties = new Properties();
        Optional.ofNullable(url.user()).ifPresent(user -> properties.setProperty("user", user));
        Optional.ofNullable(url.password())
                .ifPresent(password -> properties.setProperty("password", password));
        var seconds = Long.toString(Math.max(1, limit.toSeconds()));
        properties.setProperty("ApplicationName", name);
        properties.setProperty("connectTimeout", seconds);
        properties.setProperty("loginTimeout", seconds);
        properties.setProperty("socketTimeout", seconds);
        properties.setProperty("logServerErrorDetail", "false");
        return DriverManager.getConnection(url.jdbc(), properties);
    }

    /// Ends the pool and an embedded PostgreSQL, whose data is then on disk.
    @Override
    public void close() {
        pool.close();
        embedded.ifPresent(EmbeddedPostgres::close);
    }

    /// Which database this is, for the log; without credentials.
    @Override
    public String toString() {
        return description;
    }

    private static HikariConfig poolOf(DatabaseUrl url) {
        var config = new HikariConfig();
        config.setPoolName("tollgate");
        config.setJdbcUrl(url.jdbc());
        Optional.ofNullable(url.user()).ifPresent(config::setUsername);
        Optional.ofNullable(url.password()).ifPresent(config::setPassword);
        config.setMaximumPoolSize(CONNECTIONS_MAX);
        config.setMinimumIdle(CONNECTIONS_IDLE);
        config.setConnectionTimeout(CONNECT_TIMEOUT.toMillis());
        config.setValidationTimeout(VALIDATION_TIMEOUT.toMillis());
        config.setMaxLifetime(CONNECTION_LIFETIME_MAX.toMillis());
        config.setKeepaliveTime(KEEPALIVE.toMillis());
        config.addDataSourceProperty("ApplicationName", "tollgate");
        config.addDataSourceProperty("connectTimeout", Long.toString(CONNECT_TIMEOUT.toSeconds()));
        config.addDataSourceProperty("socketTimeout", Long.toString(ANSWER_TIMEOUT.toSeconds()));
        config.addDataSourceProperty("tcpKeepAlive", "true");
        // The detail of an error quotes the row, and exceptions end in logs.
        config.addDataSourceProperty("logServerErrorDetail", "false");
        return config;
    }

    private static DSLContext dslOn(DataSource dataSource) {
        // jOOQ greets in the log with a banner and a tip unless told otherwise.
        System.setProperty("org.jooq.no-logo", "true");
        System.setProperty("org.jooq.no-tips", "true");
        var settings = new Settings().withRenderSchema(false).withExecuteLogging(false);
        return DSL.using(dataSource, SQLDialect.POSTGRES, settings);
    }
}
