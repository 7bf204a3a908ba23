package dev.tollgate.caller;

import dev.tollgate.problem.Problem.Unauthenticated;
import dev.tollgate.problem.Problem.Unauthenticated.Reason;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;

/// Decides who a request's credentials stand for.
///
/// A credential that is not one of our keys is nobody: it neither helps nor hinders. An id we don't
/// know and a wrong secret cost the same work and get the same answer; that a key was revoked or
/// has expired is told only to who has its secret.
public final class Authenticator {

    /// Compared with when there is no such key. No secret has this hash.
    private static final byte[] NO_HMAC = new byte[32];

    private final Keys keys;
    private final Pepper pepper;
    private final Anonymous anonymous;
    private final InstantSource clock;

    public Authenticator(Keys keys, Pepper pepper, Anonymous anonymous, InstantSource clock) {
        this.keys = keys;
        this.pepper = pepper;
        this.anonymous = anonymous;
        this.clock = clock;
    }

    public Authentication authenticate(Credentials credentials) {
        var ours = new LinkedHashSet<String>();
        for (var credential : credentials.presented()) {
            if (credential.startsWith(KeyFormat.PREFIX)) {
                ours.add(credential);
            }
        }
        return switch (ours.size()) {
            case 0 -> withoutKey(credentials);
            case 1 -> withKey(ours.getFirst());
            default -> rejected(Reason.TWO_KEYS);
        };
    }

    private Authentication withKey(String credential) {
        return switch (KeyFormat.read(credential)) {
            case KeyFormat.Key key -> check(key);
            case KeyFormat.Damaged _, KeyFormat.Foreign _ -> rejected(Reason.MALFORMED);
        };
    }

    private Authentication check(KeyFormat.Key shown) {
        var known = keys.withId(shown.id());
        var hmac = known.map(ApiKey::secretHmac).orElse(NO_HMAC);
        if (!pepper.matches(shown.secret(), hmac) || known.isEmpty()) {
            return rejected(Reason.UNKNOWN);
        }
        var key = known.get();
        var now = clock.instant();
        if (key.revokedAt().filter(at -> reached(at, now)).isPresent()) {
            return rejected(Reason.REVOKED);
        }
        if (key.expiresAt().filter(at -> reached(at, now)).isPresent()) {
            return rejected(Reason.EXPIRED);
        }
        return new Authentication.Authenticated(key.caller());
    }

    private Authentication withoutKey(Credentials credentials) {
        if (!anonymous.reaches(credentials.peer())) {
            return rejected(credentials.presented().isEmpty() ? Reason.MISSING : Reason.UNKNOWN);
        }
        return anonymous.trusts(credentials.peer())
                ? new Authentication.Authenticated(Caller.anonymous())
                : rejected(Reason.NOT_LOCAL);
    }

    private static boolean reached(Instant at, Instant now) {
        return !now.isBefore(at);
    }

    private static Authentication rejected(Reason reason) {
        return new Authentication.Rejected(new Unauthenticated(reason));
    }
}
