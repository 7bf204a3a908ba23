package dev.tollgate.admin;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.vertx.core.Promise;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class ArchitectureTest {

    private static final JavaClasses MAIN =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("dev.tollgate.admin");

    private static final JavaClasses TESTS =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.ONLY_INCLUDE_TESTS)
                    .importPackages("dev.tollgate.admin");

    @Test
    void only_the_frame_knows_vertx() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.tollgate.admin.http", "dev.tollgate.admin")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.vertx..")
                .because("handlers are plain blocking code")
                .check(MAIN);
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.tollgate.admin.http")
                .should()
                .dependOnClassesThat()
                .areAssignableTo(RoutingContext.class)
                .because("a handler sees a Call and answers with an Answer")
                .check(MAIN);
    }

    @Test
    void nothing_completes_promises_by_hand() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .areAssignableTo(Promise.class)
                .because("a forgotten promise is a call without an answer")
                .check(MAIN);
    }

    @Test
    void sql_is_written_by_jooq() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.sql.Statement")
                .orShould()
                .dependOnClassesThat()
                .haveFullyQualifiedName("java.sql.PreparedStatement")
                .orShould()
                .callMethod(org.jooq.DSLContext.class, "execute", String.class)
                .orShould()
                .callMethod(org.jooq.DSLContext.class, "fetch", String.class)
                .because("text from outside only ever arrives as a bound value")
                .check(MAIN);
    }

    @Test
    void features_have_no_cycles() {
        slices().matching("dev.tollgate.admin.(*)..")
                .should()
                .beFreeOfCycles()
                .because("a feature can be read by itself")
                .check(MAIN);
    }

    @Test
    void time_comes_in_through_constructors() {
        noClasses()
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(Math.class, "random")
                .because("tests move the clock")
                .check(MAIN);
    }

    @Test
    void routes_have_no_state_of_their_own() {
        classes()
                .that()
                .haveSimpleNameEndingWith("Routes")
                .should()
                .haveOnlyFinalFields()
                .andShould()
                .haveModifier(com.tngtech.archunit.core.domain.JavaModifier.FINAL)
                .because("calls run at the same time")
                .check(MAIN);
    }

    @Test
    void every_test_method_is_one() {
        methods()
                .that()
                .areDeclaredInClassesThat()
                .haveNameMatching(".*(Test|IT)")
                .and()
                .haveRawReturnType(void.class)
                .and()
                .areNotPrivate()
                .and()
                .areNotStatic()
                .should()
                .beMetaAnnotatedWith(org.junit.platform.commons.annotation.Testable.class)
                .orShould()
                .beAnnotatedWith(org.junit.jupiter.api.AfterEach.class)
                .because("a test without its annotation never fails")
                .check(TESTS);
    }
}
