package dev.tollgate.property;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ArgumentsSource;

/// A test of something that has to hold whatever the seed, its one argument, a `long`.
///
/// Seeds are new in each run. A failure names its own: run with `-Dtollgate.seed=...` to see it
/// again.
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedTest(name = "seed {0}")
@ArgumentsSource(Seeds.class)
@ExtendWith(SeedInFailure.class)
public @interface Property {

    /// How many seeds to try.
    int tries() default 100;
}
