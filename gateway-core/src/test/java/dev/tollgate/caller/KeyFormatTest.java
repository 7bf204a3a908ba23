package dev.tollgate.caller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tollgate.caller.KeyFormat.Damaged;
import dev.tollgate.caller.KeyFormat.Foreign;
import java.security.SecureRandom;
import java.util.HashSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KeyFormatTest {

    @Test
    void reads_back_what_it_minted() {
        var key = KeyFormat.mint(new Random(7)).reveal();

        var reading = KeyFormat.read(key);

        assertThat(reading).isInstanceOf(KeyFormat.Key.class);
        var read = (KeyFormat.Key) reading;
        assertThat(key).startsWith("sk-tg-" + read.id() + "_" + read.secret().reveal() + "_");
    }

    @Test
    void a_single_wrong_letter_is_damage() {
        var key = KeyFormat.mint(new Random(7)).reveal();

        for (var i = KeyFormat.PREFIX.length(); i < key.length(); i++) {
            var wrong = key.charAt(i) == 'x' ? 'y' : 'x';
            var typo = key.substring(0, i) + wrong + key.substring(i + 1);

            assertThat(KeyFormat.read(typo)).as("letter %s", i).isInstanceOf(Damaged.class);
        }
    }

    @Test
    void a_shortened_key_is_damage_and_another_credential_is_foreign() {
        var key = KeyFormat.mint(new Random(7)).reveal();

        assertThat(KeyFormat.read(key.substring(0, key.length() - 1))).isInstanceOf(Damaged.class);
        assertThat(KeyFormat.read("sk-tg-")).isInstanceOf(Damaged.class);
        assertThat(KeyFormat.read("sk-proj-abc")).isInstanceOf(Foreign.class);
        assertThat(KeyFormat.read("")).isInstanceOf(Foreign.class);
    }

    @Test
    void keys_differ() {
        var random = new SecureRandom();
        var seen = new HashSet<String>();

        for (var i = 0; i < 1000; i++) {
            seen.add(KeyFormat.mint(random).reveal());
        }

        assertThat(seen).hasSize(1000);
    }
}
