package dev.tollgate.admin.desired;

import dev.tollgate.admin.json.Fields;
import dev.tollgate.caller.KeyFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/// Reads the secrets of the file's keys, which stand beside the file and never in it.
///
/// @param environment the value of a variable, if it is set
public record KeySecrets(Function<String, Optional<String>> environment) {

    private static final int PATH_CHARACTERS_MAX = 4096;
    private static final long FILE_BYTES_MAX = 4096;
    private static final String ENV = "secret_env";
    private static final String FILE = "secret_file";

    /// The key that `secret_env` or `secret_file` leads to. What is wrong is added to the faults of
    /// `fields`, without the value.
    Optional<KeyFormat.Key> read(Fields fields) {
        var variable = fields.text(ENV, PATH_CHARACTERS_MAX);
        var file = fields.text(FILE, PATH_CHARACTERS_MAX);
        if (variable.isPresent() == file.isPresent()) {
            fields.refuse(
                    ENV,
                    variable.orElse(null),
                    "either secret_env (the name of a variable) or secret_file (a path)");
            return Optional.empty();
        }
        return variable.isPresent()
                ? parse(fields, ENV, variable.get(), environment.apply(variable.get()))
                : parse(fields, FILE, file.orElseThrow(), content(file.orElseThrow()));
    }

    private static Optional<KeyFormat.Key> parse(
            Fields fields, String field, String source, Optional<String> secret) {
        if (secret.isPresent()
                && KeyFormat.read(secret.get().strip()) instanceof KeyFormat.Key key) {
            return Optional.of(key);
        }
        fields.refuse(
                field,
                source,
                secret.isEmpty()
                        ? "one that is set and can be read"
                        : "one that holds a whole key, as in " + KeyFormat.PREFIX + "...");
        return Optional.empty();
    }

    private static Optional<String> content(String file) {
        try {
            var path = Path.of(file);
            return Files.size(path) > FILE_BYTES_MAX
                    ? Optional.empty()
                    : Optional.of(Files.readString(path));
        } catch (IOException | InvalidPathException _) {
            return Optional.empty();
        }
    }
}
