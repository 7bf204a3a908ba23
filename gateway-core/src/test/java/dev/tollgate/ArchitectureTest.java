package dev.tollgate;

import static com.tngtech.archunit.lang.conditions.ArchConditions.beAnnotatedWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.tollgate.path.Filter;
import dev.tollgate.property.Property;
import io.vertx.core.AsyncResult;
import io.vertx.core.CompositeFuture;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZonedDateTime;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/// The rules of the house, as far as they concern the decisions without I/O.
class ArchitectureTest {

    private static final JavaClasses MAIN =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("dev.tollgate");
    private static final JavaClasses TESTS =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.ONLY_INCLUDE_TESTS)
                    .importPackages("dev.tollgate");

    @Test
    void core_decides_without_input_and_output() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.sql..",
                        "java.net.http..",
                        "java.nio.channels..",
                        "org.jooq..",
                        "com.hazelcast..",
                        "io.netty..",
                        "com.fasterxml.jackson..")
                .because("decisions are tested without anything running, and run anywhere")
                .check(MAIN);
    }

    @Test
    void core_uses_only_the_future_of_vertx() {
        noClasses()
                .should()
                .dependOnClassesThat(
                        DescribedPredicate.describe(
                                "are of Vert.x, but for Future and what its methods speak of",
                                ArchitectureTest::otherVertx))
                .because("Future is the one async type; the rest of Vert.x is for the node")
                .check(MAIN);
    }

    private static boolean otherVertx(JavaClass type) {
        return type.getPackageName().startsWith("io.vertx")
                && !type.isEquivalentTo(Future.class)
                && !type.isEquivalentTo(CompositeFuture.class)
                && !type.isEquivalentTo(AsyncResult.class);
    }

    @Test
    void feature_packages_have_no_cycles() {
        slices().matching("dev.tollgate.(*)..")
                .should()
                .beFreeOfCycles()
                .because("a feature can be read, and thrown away, with what it stands on alone")
                .check(MAIN);
    }

    @Test
    void filters_are_final() {
        classes()
                .that()
                .implement(Filter.class)
                .should()
                .haveModifier(JavaModifier.FINAL)
                .because("one filter serves all requests at once, and the path is their only order")
                .check(MAIN);
    }

    @Test
    void filters_do_not_change() {
        fields().that()
                .areDeclaredInClassesThat()
                .implement(Filter.class)
                .should()
                .beFinal()
                .because("one filter serves all requests at once")
                .check(MAIN);
    }

    @Test
    void promises_stay_at_the_edges() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .areAssignableTo(Promise.class)
                .because("a chain of futures cannot be forgotten half-way; a promise can")
                .check(MAIN);
    }

    @Test
    void time_and_chance_come_in_through_constructors() {
        noClasses()
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(LocalDate.class, "now")
                .orShould()
                .callMethod(LocalDateTime.class, "now")
                .orShould()
                .callMethod(ZonedDateTime.class, "now")
                .orShould()
                .callMethod(Clock.class, "systemUTC")
                .orShould()
                .callMethod(Math.class, "random")
                .orShould()
                .callMethod(UUID.class, "randomUUID")
                .orShould()
                .callMethod(ThreadLocalRandom.class, "current")
                .orShould()
                .callConstructor(Random.class)
                .because("what depends on the moment or on chance cannot be tested")
                .check(MAIN);
    }

    @Test
    void every_method_that_looks_like_a_test_is_one() {
        methods()
                .that()
                .areDeclaredInClassesThat()
                .haveNameMatching(".*(Test|IT|Contract)")
                .and()
                .areNotPrivate()
                .and()
                .haveRawReturnType(void.class)
                .should(
                        beAnnotatedWith(Test.class)
                                .or(beAnnotatedWith(ParameterizedTest.class))
                                .or(beAnnotatedWith(Property.class))
                                .or(beAnnotatedWith(BeforeEach.class))
                                .or(beAnnotatedWith(AfterEach.class))
                                .or(beAnnotatedWith(BeforeAll.class))
                                .or(beAnnotatedWith(AfterAll.class)))
                .because("a forgotten annotation is a test that never fails")
                .check(TESTS);
    }
}
