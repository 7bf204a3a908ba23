package dev.tollgate.admin.change;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.caller.Pepper;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import org.junit.jupiter.api.Test;

final class SealTest {

    private final Seal seal = sealOf("a pepper for tests of at least 32 bytes");

    @Test
    void opens_what_it_sealed_for_the_same_purpose_only() {
        var sealed = seal.seal("the secret", "purpose");

        assertThat(seal.open(sealed, "purpose")).contains("the secret");
        assertThat(seal.open(sealed, "another purpose")).isEmpty();
        assertThat(sealOf("another pepper of at least 32 bytes, too").open(sealed, "purpose"))
                .isEmpty();
    }

    @Test
    void never_seals_the_same_way_twice_and_shows_nothing() {
        var sealed = seal.seal("the secret", "purpose");

        assertThat(seal.seal("the secret", "purpose")).isNotEqualTo(sealed);
        assertThat(new String(Base64.getDecoder().decode(sealed), StandardCharsets.ISO_8859_1))
                .doesNotContain("secret");
    }

    @Test
    void every_flipped_bit_is_noticed() {
        var sealed = Base64.getDecoder().decode(seal.seal("the secret", "purpose"));

        for (var bit = 0; bit < sealed.length * 8; bit++) {
            var flipped = sealed.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(seal.open(Base64.getEncoder().encodeToString(flipped), "purpose")).isEmpty();
        }
        assertThat(seal.open("", "purpose")).isEmpty();
        assertThat(seal.open("not base64!", "purpose")).isEmpty();
    }

    private static Seal sealOf(String pepper) {
        return new Seal(new Pepper(pepper.getBytes(StandardCharsets.UTF_8)), new SecureRandom());
    }
}
