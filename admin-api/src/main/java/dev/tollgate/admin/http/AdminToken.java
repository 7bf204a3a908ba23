package dev.tollgate.admin.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// The bearer token of the admin plane. Compared by hash and in constant time, so that neither its
/// length nor its beginning can be measured.
public final class AdminToken {

    private static final String SCHEME = "Bearer ";

    private final byte[] hash;

    public AdminToken(byte[] token) {
        this.hash = hash(token);
    }

    /// @param authorization the header's value
    boolean allows(String authorization) {
        return authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                && MessageDigest.isEqual(
                        hash,
                        hash(
                                authorization
                                        .substring(SCHEME.length())
                                        .strip()
                                        .getBytes(StandardCharsets.UTF_8)));
    }

    private static byte[] hash(byte[] token) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(token);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("SHA-256 is part of every JDK", impossible);
        }
    }
}
