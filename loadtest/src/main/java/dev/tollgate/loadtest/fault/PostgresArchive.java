package dev.tollgate.loadtest.fault;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/// The program files of PostgreSQL, unpacked from the class path.
final class PostgresArchive {

    private static final int EXECUTABLE = 0100;

    private PostgresArchive() {}

    static void unpack(Path directory) throws IOException {
        var name =
                System.getProperty("os.arch", "").equals("aarch64")
                        ? "/postgres-linux-arm_64.txz"
                        : "/postgres-linux-x86_64.txz";
        var archive = PostgresArchive.class.getResourceAsStream(name);
        if (archive == null) {
            throw new IllegalStateException(name + ": not on the class path");
        }
        try (var tar = new TarArchiveInputStream(new XZInputStream(archive))) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                unpack(entry, tar, directory);
            }
        }
    }

    private static void unpack(TarArchiveEntry entry, InputStream content, Path directory)
            throws IOException {
        var target = directory.resolve(entry.getName()).normalize();
        if (entry.isDirectory()) {
            Files.createDirectories(target);
            return;
        }
        Files.createDirectories(Objects.requireNonNull(target.getParent()));
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
        } else if (entry.isLink()) {
            Files.createLink(target, directory.resolve(entry.getLinkName()));
        } else {
            Files.copy(content, target);
            var runs = (entry.getMode() & EXECUTABLE) != 0;
            Files.setPosixFilePermissions(
                    target, PosixFilePermissions.fromString(runs ? "rwx------" : "rw-------"));
        }
    }
}
