package dev.tollgate.admin.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tollgate.admin.problem.AdminRefusal;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonTest {

    @Test
    void numbers_keep_their_value() {
        var tree =
                Json.readObject(utf8("{\"a\":1,\"b\":1.10,\"c\":99999999999999999999,\"d\":null}"));

        assertThat(tree.get("a")).isEqualTo(1L);
        assertThat(tree.get("b")).isEqualTo(new BigDecimal("1.10"));
        assertThat(tree.get("c")).isEqualTo(new BigInteger("99999999999999999999"));
        assertThat(tree).containsEntry("d", null);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {"a":1,"a":1}                | a
                    {"a":{"b":1,"b":2}}          | a.b
                    {"a":[{"b":1},{"c":1,"c":1}]}| a[1].c
                    {"a":1,"\\u0061":2}          | a
                    """)
    void duplicate_members_are_named_by_path(String json, String path) {
        assertThatThrownBy(() -> Json.readObject(utf8(json)))
                .isInstanceOf(AdminRefusal.class)
                .hasMessageContaining("field=" + path + ",");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "[]",
                "1",
                "null",
                "{",
                "{}}",
                "{} {}",
                "{'a':1}",
                "{a:1}",
                "{\"a\":01}",
                "{\"a\":NaN}",
                "{\"a\":1,}",
                "// no\n{}"
            })
    void what_is_no_object_is_refused(String json) {
        assertThatThrownBy(() -> Json.readObject(utf8(json))).isInstanceOf(AdminRefusal.class);
    }

    @Test
    void depth_and_numbers_have_limits() {
        var deep = "{\"a\":".repeat(40) + "1" + "}".repeat(40);

        assertThatThrownBy(() -> Json.readObject(utf8(deep))).isInstanceOf(AdminRefusal.class);
        assertThatThrownBy(() -> Json.readObject(utf8("{\"a\":" + "9".repeat(200) + "}")))
                .isInstanceOf(AdminRefusal.class);
        assertThatThrownBy(() -> Json.readObject(new byte[] {'{', '"', (byte) 0xff, '"', '}'}))
                .isInstanceOf(AdminRefusal.class);
    }

    @Test
    void trees_are_written_in_their_order() {
        var tree =
                Tree.object()
                        .with("z", 1)
                        .with("a", List.of(Tree.object().with("b", null)))
                        .with("m", Tree.object().with("n", "\u2028\""));

        assertThat(Json.write(tree))
                .isEqualTo("{\"z\":1,\"a\":[{\"b\":null}],\"m\":{\"n\":\"\u2028\\\"\"}}");
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
