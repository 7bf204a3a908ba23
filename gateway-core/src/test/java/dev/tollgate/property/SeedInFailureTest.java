package dev.tollgate.property;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

class SeedInFailureTest {

    private static final Set<Long> SEEN = new HashSet<>();

    @Property(tries = 7)
    void runs_as_often_as_it_says(long seed) {
        assertThat(SEEN.add(seed)).isTrue();
    }

    @AfterAll
    static void saw_every_try() {
        assertThat(SEEN).hasSize(System.getProperty(Seeds.SYSTEM_PROPERTY) == null ? 7 : 1);
    }

    @Test
    void names_the_seed_of_a_failure() {
        var cause = new IllegalStateException("wrong");

        assertThatThrownBy(() ->
                        new SeedInFailure()
                                .interceptTestTemplateMethod(
                                        () -> {
                                            throw cause;
                                        },
                                        withSeed(42),
                                        nothing(ExtensionContext.class)))
                .isInstanceOf(AssertionError.class)
                .hasMessage("replay with seed = 42 (-Dtollgate.seed): wrong")
                .hasCause(cause);
    }

    @SuppressWarnings("unchecked")
    private static ReflectiveInvocationContext<java.lang.reflect.Method> withSeed(long seed) {
        return (ReflectiveInvocationContext<java.lang.reflect.Method>)
                Proxy.newProxyInstance(
                        SeedInFailureTest.class.getClassLoader(),
                        new Class<?>[] {ReflectiveInvocationContext.class},
                        (_, _, _) -> List.of(seed));
    }

    private static <T> T nothing(Class<T> type) {
        return type.cast(
                Proxy.newProxyInstance(
                        SeedInFailureTest.class.getClassLoader(),
                        new Class<?>[] {type},
                        (_, _, _) -> {
                            throw new AssertionError("not to be asked");
                        }));
    }
}
