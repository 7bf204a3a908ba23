package dev.tollgate.admin.change;

import dev.tollgate.caller.Pepper;
import dev.tollgate.caller.Secret;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.random.RandomGenerator;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Encrypts what has to be kept for a repeated request: AES-256-GCM under a key derived from the
/// pepper for this one purpose, bound to what it was sealed for.
public final class Seal {

    // Not a form that the secret of a key can have, so no hash of one is ever this key.
    private static final Secret PURPOSE = new Secret("tollgate: answers by idempotency key, v1");
    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final SecretKeySpec key;
    private final RandomGenerator random;

    /// @param random cryptographically strong
    public Seal(Pepper pepper, RandomGenerator random) {
        this.key = new SecretKeySpec(pepper.hmac(PURPOSE), "AES");
        this.random = random;
    }

    String seal(String text, String boundTo) {
        var nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            var sealed =
                    cipher(Cipher.ENCRYPT_MODE, nonce, boundTo)
                            .doFinal(text.getBytes(StandardCharsets.UTF_8));
            var joined = Arrays.copyOf(nonce, nonce.length + sealed.length);
            System.arraycopy(sealed, 0, joined, nonce.length, sealed.length);
            return Base64.getEncoder().encodeToString(joined);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(CIPHER + " is part of every JDK", impossible);
        }
    }

    /// Empty when it was not sealed under this pepper for this purpose.
    Optional<String> open(String sealed, String boundTo) {
        try {
            var joined = Base64.getDecoder().decode(sealed);
            var nonce = Arrays.copyOf(joined, NONCE_BYTES);
            var text =
                    cipher(Cipher.DECRYPT_MODE, nonce, boundTo)
                            .doFinal(joined, NONCE_BYTES, joined.length - NONCE_BYTES);
            return Optional.of(new String(text, StandardCharsets.UTF_8));
        } catch (GeneralSecurityException | IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private Cipher cipher(int mode, byte[] nonce, String boundTo) throws GeneralSecurityException {
        var cipher = Cipher.getInstance(CIPHER);
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(boundTo.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }
}
