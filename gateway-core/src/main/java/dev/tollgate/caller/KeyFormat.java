package dev.tollgate.caller;

import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import java.util.zip.CRC32;

/// How a key is written: `sk-tg-<id>_<secret>_<checksum>`.
///
/// The id is public and finds the key. The secret has 256 bits. The checksum lets scanners
/// recognise a key and lets a typing mistake fail without a look-up.
public final class KeyFormat {

    public static final String PREFIX = "sk-tg-";

    private static final String ALPHABET =
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int ID_LENGTH = 12;
    // 62^43 > 2^256
    private static final int SECRET_LENGTH = 43;
    // 62^6 > 2^32
    private static final int CHECKSUM_LENGTH = 6;
    private static final int LENGTH =
            PREFIX.length() + ID_LENGTH + 1 + SECRET_LENGTH + 1 + CHECKSUM_LENGTH;

    private KeyFormat() {}

    /// What some credential text turned out to be.
    public sealed interface Reading {}

    /// A well-formed key.
    public record Key(String id, Secret secret) implements Reading {}

    /// Begins like one of our keys, but is not whole.
    public record Damaged() implements Reading {}

    /// Somebody else's credential.
    public record Foreign() implements Reading {}

    /// A new key.
    ///
    /// @param random cryptographically strong
    public static Secret mint(RandomGenerator random) {
        var body = PREFIX + letters(random, ID_LENGTH) + "_" + letters(random, SECRET_LENGTH);
        return new Secret(body + "_" + checksum(body));
    }

    public static Reading read(String credential) {
        if (!credential.startsWith(PREFIX)) {
            return new Foreign();
        }
        var secretAt = PREFIX.length() + ID_LENGTH + 1;
        var checksumAt = secretAt + SECRET_LENGTH + 1;
        if (credential.length() != LENGTH
                || credential.charAt(secretAt - 1) != '_'
                || credential.charAt(checksumAt - 1) != '_'
                || !checksum(credential.substring(0, checksumAt - 1))
                        .equals(credential.substring(checksumAt))) {
            return new Damaged();
        }
        return new Key(
                credential.substring(PREFIX.length(), secretAt - 1),
                new Secret(credential.substring(secretAt, checksumAt - 1)));
    }

    private static String letters(RandomGenerator random, int length) {
        var letters = new StringBuilder(length);
        for (var i = 0; i < length; i++) {
            letters.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return letters.toString();
    }

    private static String checksum(String text) {
        var crc = new CRC32();
        crc.update(text.getBytes(StandardCharsets.UTF_8));
        var rest = crc.getValue();
        var digits = new char[CHECKSUM_LENGTH];
        for (var i = CHECKSUM_LENGTH - 1; i >= 0; i--) {
            digits[i] = ALPHABET.charAt((int) (rest % ALPHABET.length()));
            rest /= ALPHABET.length();
        }
        return new String(digits);
    }
}
