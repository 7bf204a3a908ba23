package dev.tollgate.caller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.problem.Problem.Unauthenticated;
import dev.tollgate.problem.Problem.Unauthenticated.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AuthenticatorTest {

    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final Peer AFAR = new Peer("203.0.113.9", "gateway.example", "", false);

    private final Pepper pepper =
            new Pepper("0123456789abcdef".repeat(2).getBytes(StandardCharsets.US_ASCII));
    private final Random random = new Random(7);
    private final Map<String, ApiKey> keys = new HashMap<>();

    @Test
    void knows_a_key_by_its_secret() {
        var key = issue(Optional.empty(), Optional.empty());

        assertThat(authenticate(Anonymous.OFF, AFAR, key))
                .isEqualTo(new Authentication.Authenticated(caller(key)));
    }

    @Test
    void takes_the_same_key_in_two_headers_and_ignores_foreign_credentials() {
        var key = issue(Optional.empty(), Optional.empty());

        assertThat(authenticate(Anonymous.OFF, AFAR, "sk-proj-foreign", key, key))
                .isEqualTo(new Authentication.Authenticated(caller(key)));
    }

    @Test
    void refuses_two_different_keys_even_when_one_is_damaged() {
        var key = issue(Optional.empty(), Optional.empty());

        assertThat(authenticate(Anonymous.LOOPBACK, AFAR, key, KeyFormat.mint(random).reveal()))
                .isEqualTo(rejected(Reason.TWO_KEYS));
        assertThat(authenticate(Anonymous.LOOPBACK, AFAR, key, key + "x"))
                .isEqualTo(rejected(Reason.TWO_KEYS));
    }

    @Test
    void answers_an_unknown_id_and_a_wrong_secret_alike() {
        var key = issue(Optional.empty(), Optional.of(NOW.minusSeconds(9)));
        var forged = withSecretOfAnother(key);

        assertThat(authenticate(Anonymous.OFF, AFAR, KeyFormat.mint(random).reveal()))
                .isEqualTo(rejected(Reason.UNKNOWN));
        assertThat(authenticate(Anonymous.OFF, AFAR, forged)).isEqualTo(rejected(Reason.UNKNOWN));
    }

    @Test
    void tells_who_has_the_secret_that_the_key_is_revoked_or_expired() {
        var revoked = issue(Optional.of(NOW.minusSeconds(1)), Optional.of(NOW));
        var expired = issue(Optional.of(NOW), Optional.empty());
        var lasting = issue(Optional.of(NOW.plusSeconds(1)), Optional.of(NOW.plusSeconds(1)));

        assertThat(authenticate(Anonymous.OFF, AFAR, revoked)).isEqualTo(rejected(Reason.REVOKED));
        assertThat(authenticate(Anonymous.OFF, AFAR, expired)).isEqualTo(rejected(Reason.EXPIRED));
        assertThat(authenticate(Anonymous.OFF, AFAR, lasting))
                .isInstanceOf(Authentication.Authenticated.class);
    }

    @Test
    void tells_a_typing_mistake_without_looking_the_key_up() {
        var key = issue(Optional.empty(), Optional.empty());

        assertThat(authenticate(Anonymous.OFF, AFAR, key.substring(0, key.length() - 1)))
                .isEqualTo(rejected(Reason.MALFORMED));
    }

    @Test
    void never_makes_a_caller_with_a_bad_key_anonymous() {
        var local = new Peer("127.0.0.1", "localhost:8080", "", false);

        assertThat(authenticate(Anonymous.LOOPBACK, local, KeyFormat.mint(random).reveal()))
                .isEqualTo(rejected(Reason.UNKNOWN));
    }

    @ParameterizedTest
    @CsvSource(
            value = {
                "LOOPBACK, 127.0.0.1, localhost:8080, '', ANONYMOUS",
                "LOOPBACK, 127.9.9.9, 127.0.0.1:8080, '', ANONYMOUS",
                "LOOPBACK, ::1, [::1]:8080, '', ANONYMOUS",
                "LOOPBACK, ::ffff:127.0.0.1, app.localhost, '', ANONYMOUS",
                "LOOPBACK, 127.0.0.1, LOCALHOST, http://localhost:3000, ANONYMOUS",
                "LOOPBACK, 127.0.0.1, localhost, http://[::1]:3000, ANONYMOUS",
                "LOOPBACK, 127.0.0.1, localhost, http://127.0.0.1, ANONYMOUS",
                "LOOPBACK, 127.0.0.1, localhost, https://evil.example, NOT_LOCAL",
                "LOOPBACK, 127.0.0.1, localhost, http://localhost.evil.example, NOT_LOCAL",
                "LOOPBACK, 127.0.0.1, localhost, http://10.0.0.5, NOT_LOCAL",
                "LOOPBACK, 127.0.0.1, localhost, 'null', NOT_LOCAL",
                "LOOPBACK, 127.0.0.1, localhost, 'http://a b', NOT_LOCAL",
                "LOOPBACK, 127.0.0.1, rebound.evil.example:8080, '', NOT_LOCAL",
                "LOOPBACK, 127.0.0.1, tollgate:8080, '', NOT_LOCAL",
                "LOOPBACK, 127.0.0.1, '', '', NOT_LOCAL",
                "LOOPBACK, 172.17.0.1, 172.17.0.2, '', MISSING",
                "LOOPBACK, 203.0.113.9, localhost, '', MISSING",
                "LOOPBACK, '', localhost, '', MISSING",
                "PRIVATE, 172.17.0.1, tollgate:8080, '', ANONYMOUS",
                "PRIVATE, 172.17.0.1, host.docker.internal:8080, '', ANONYMOUS",
                "PRIVATE, 10.1.2.3, 10.1.2.4, '', ANONYMOUS",
                "PRIVATE, fd00::5, 10.1.2.4, '', ANONYMOUS",
                "PRIVATE, fe80::5%eth0, 10.1.2.4, '', ANONYMOUS",
                "PRIVATE, 127.0.0.1, localhost, '', ANONYMOUS",
                "PRIVATE, 10.1.2.3, gateway.example, '', NOT_LOCAL",
                "PRIVATE, 10.1.2.3, 10.1.2.4, http://10.1.2.4, NOT_LOCAL",
                "PRIVATE, 172.32.0.1, localhost, '', MISSING",
                "PRIVATE, 100.64.0.1, localhost, '', MISSING",
                "OFF, 127.0.0.1, localhost, '', MISSING",
            })
    void admits_anonymous_callers_from_where_the_operator_said(
            Anonymous anonymous, String address, String host, String origin, String expected) {
        var answer = authenticate(anonymous, new Peer(address, host, origin, false));

        assertThat(answer)
                .isEqualTo(
                        expected.equals("ANONYMOUS")
                                ? new Authentication.Authenticated(Caller.anonymous())
                                : rejected(Reason.valueOf(expected)));
    }

    @Test
    void lets_local_callers_send_whatever_credential_their_sdk_wants() {
        var local = new Peer("127.0.0.1", "localhost:8080", "", false);

        assertThat(authenticate(Anonymous.LOOPBACK, local, "sk-ant-whatever"))
                .isEqualTo(new Authentication.Authenticated(Caller.anonymous()));
        assertThat(authenticate(Anonymous.OFF, local, "sk-ant-whatever"))
                .isEqualTo(rejected(Reason.UNKNOWN));
    }

    @Test
    void wants_a_key_from_whoever_comes_through_a_proxy() {
        var proxied = new Peer("127.0.0.1", "localhost", "", true);

        assertThat(authenticate(Anonymous.PRIVATE, proxied)).isEqualTo(rejected(Reason.NOT_LOCAL));
    }

    @Test
    void keeps_credentials_out_of_text() {
        assertThat(new Credentials(List.of("sk-tg-secret"), AFAR).toString())
                .doesNotContain("sk-tg");
    }

    private Authentication authenticate(Anonymous anonymous, Peer peer, String... presented) {
        return new Authenticator(
                        id -> Optional.ofNullable(keys.get(id)),
                        pepper,
                        anonymous,
                        InstantSource.fixed(NOW))
                .authenticate(new Credentials(List.of(presented), peer));
    }

    private String issue(Optional<Instant> expiresAt, Optional<Instant> revokedAt) {
        var text = KeyFormat.mint(random).reveal();
        var key = (KeyFormat.Key) KeyFormat.read(text);
        keys.put(
                key.id(),
                new ApiKey(caller(text), pepper.hmac(key.secret()), expiresAt, revokedAt));
        return text;
    }

    /// A well-formed key with the id of `key`: its secret is stored as that of a minted one.
    private String withSecretOfAnother(String key) {
        var other = KeyFormat.mint(random).reveal();
        var stored = keys.get(((KeyFormat.Key) KeyFormat.read(key)).id());
        keys.put(
                ((KeyFormat.Key) KeyFormat.read(other)).id(),
                new ApiKey(
                        caller(key),
                        stored == null ? new byte[0] : stored.secretHmac(),
                        Optional.empty(),
                        Optional.of(NOW)));
        return other;
    }

    private static Caller caller(String key) {
        var id = ((KeyFormat.Key) KeyFormat.read(key)).id();
        return new Caller("acme", id, "ci", "u1", "t1", "p1", Role.MEMBER, List.of());
    }

    private static Authentication rejected(Reason reason) {
        return new Authentication.Rejected(new Unauthenticated(reason));
    }
}
