package dev.tollgate.node.settings;

import dev.tollgate.caller.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Set;
import java.util.random.RandomGenerator;

/// Secrets a node makes for itself and keeps in its data directory, each in a file that only its
/// owner can read.
public final class LocalSecrets {

    private static final int BYTES = 32;

    private final Path directory;
    private final RandomGenerator random;

    /// @param random cryptographically strong
    public LocalSecrets(Path directory, RandomGenerator random) {
        this.directory = directory;
        this.random = random;
    }

    /// @param made whether it was made by this call, so that it can be shown once
    public record Kept(Secret secret, boolean made, Path file) {}

    /// The secret kept under `name`, made when there is none.
    public Kept keep(String name) {
        var file = directory.resolve(name);
        try {
            if (Files.exists(file)) {
                return new Kept(new Secret(Files.readString(file).strip()), false, file);
            }
            Files.createDirectories(directory);
            var bytes = new byte[BYTES];
            random.nextBytes(bytes);
            var secret = HexFormat.of().formatHex(bytes);
            write(file, secret);
            return new Kept(new Secret(secret), true, file);
        } catch (IOException failed) {
            throw new UncheckedIOException("data: " + file + " cannot be used", failed);
        }
    }

    private static void write(Path file, String secret) throws IOException {
        var ownerOnly = PosixFilePermissions.fromString("rw-------");
        try (var channel =
                Files.newByteChannel(
                        file,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(ownerOnly))) {
            channel.write(ByteBuffer.wrap((secret + "\n").getBytes(StandardCharsets.UTF_8)));
        }
    }
}
