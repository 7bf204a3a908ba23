package dev.tollgate.node.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class Utf8Test {

    static LongStream seeds() {
        return LongStream.range(0, 500);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void agrees_with_the_decoder_of_the_jdk(long seed) {
        var random = new Random(seed);
        var text = new StringBuilder();
        for (var i = random.nextInt(40); i > 0; i--) {
            var character = random.nextInt(random.nextBoolean() ? 0x80 : 0x11_0000);
            text.appendCodePoint(character);
        }
        var bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        for (var i = random.nextInt(3); i > 0 && bytes.length > 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }

        assertThat(Utf8.firstInvalid(bytes) < 0).isEqualTo(decodes(bytes));
    }

    @Test
    void agrees_with_the_decoder_of_the_jdk_on_every_short_sequence() {
        for (var lead = 0x80; lead < 0x100; lead++) {
            for (var second = 0; second < 0x100; second++) {
                for (var third : new int[] {0x00, 0x7f, 0x80, 0xbf, 0xc0}) {
                    var bytes = new byte[] {(byte) lead, (byte) second, (byte) third, (byte) 0x80};
                    assertThat(Utf8.firstInvalid(bytes) < 0).isEqualTo(decodes(bytes));
                }
            }
        }
    }

    private static boolean decodes(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException _) {
            return false;
        }
    }
}
