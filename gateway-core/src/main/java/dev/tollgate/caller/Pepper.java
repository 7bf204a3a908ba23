package dev.tollgate.caller;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The secret under which key secrets are hashed: HMAC-SHA-256, which is right for secrets of full
/// entropy (a slow hash would only serve an attacker who wants to keep the node busy).
public final class Pepper {

    private static final String ALGORITHM = "HmacSHA256";
    private static final int BYTES_MIN = 32;

    private final ThreadLocal<Mac> macs;

    /// @throws IllegalArgumentException when `bytes` has fewer than 32 bytes
    public Pepper(byte[] bytes) {
        if (bytes.length < BYTES_MIN) {
            throw new IllegalArgumentException(
                    "pepper: " + bytes.length + " bytes (expected: at least " + BYTES_MIN + ")");
        }
        var key = new SecretKeySpec(bytes, ALGORITHM);
        macs = ThreadLocal.withInitial(() -> macOf(key));
    }

    public byte[] hmac(Secret secret) {
        return macs.get().doFinal(secret.reveal().getBytes(StandardCharsets.UTF_8));
    }

    /// Compares in constant time.
    public boolean matches(Secret secret, byte[] hmac) {
        return MessageDigest.isEqual(hmac(secret), hmac);
    }

    private static Mac macOf(SecretKeySpec key) {
        try {
            var mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(ALGORITHM + " is part of every JDK", impossible);
        }
    }
}
