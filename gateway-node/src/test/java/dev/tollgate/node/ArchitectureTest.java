package dev.tollgate.node;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
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
import io.vertx.core.Promise;
import io.vertx.ext.web.RoutingContext;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.params.ParameterizedTest;

class ArchitectureTest {

    private static final JavaClasses MAIN =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                    .importPackages("dev.tollgate");

    private static final JavaClasses TESTS =
            new ClassFileImporter()
                    .withImportOption(ImportOption.Predefined.ONLY_INCLUDE_TESTS)
                    .importPackages("dev.tollgate");

    private static final DescribedPredicate<JavaClass> OURS =
            resideInAPackage("dev.tollgate..")
                    .and(DescribedPredicate.not(resideInAPackage("dev.tollgate.loadtest..")));

    @Test
    void provider_packages_do_not_know_each_other() {
        slices().matching("dev.tollgate.node.provider.(*)..")
                .should()
                .notDependOnEachOther()
                .because("a provider's quirks must not leak into another's codec")
                .check(MAIN);
    }

    @Test
    void only_the_node_itself_knows_the_providers() {
        noClasses()
                .that(OURS)
                .and()
                .resideOutsideOfPackages("dev.tollgate.node", "dev.tollgate.node.provider..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("dev.tollgate.node.provider.(*)..")
                .because("the path is put together in one place")
                .check(MAIN);
    }

    @Test
    void packages_of_the_node_have_no_cycles() {
        slices().matching("dev.tollgate.node.(*)..")
                .should()
                .beFreeOfCycles()
                .because("a circle of packages is one package that is hard to read")
                .check(MAIN);
    }

    @Test
    void routing_contexts_stay_at_the_edge() {
        noClasses()
                .that(OURS)
                .and()
                .resideOutsideOfPackages("dev.tollgate.node.http..", "dev.tollgate.admin..")
                .should()
                .dependOnClassesThat()
                .areAssignableTo(RoutingContext.class)
                .because("behind the door there are exchanges, not HTTP requests")
                .check(MAIN);
    }

    @Test
    void filters_are_final_and_have_no_state_of_their_own() {
        classes()
                .that()
                .implement(Filter.class)
                .should()
                .haveModifier(JavaModifier.FINAL)
                .because("a filter is one step, and nobody's base class")
                .check(MAIN);
        fields().that()
                .areDeclaredInClassesThat()
                .implement(Filter.class)
                .should()
                .beFinal()
                .because("filters are shared by all requests")
                .check(MAIN);
    }

    @Test
    void promises_are_for_callback_edges() {
        noClasses()
                .that(OURS)
                .and(
                        DescribedPredicate.not(
                                resideInAnyPackage(
                                        "dev.tollgate.node.cluster..",
                                        "dev.tollgate.node.store..",
                                        "dev.tollgate.node.provider..",
                                        "dev.tollgate.node.http..",
                                        "dev.tollgate.admin.http..")))
                .should()
                .dependOnClassesThat()
                .areAssignableTo(Promise.class)
                .because(
                        "a promise never completed is a request that hangs; elsewhere futures"
                                + " compose")
                .check(MAIN);
    }

    @Test
    void time_and_chance_come_in_through_constructors() {
        noClasses()
                .that(OURS)
                .and()
                .doNotHaveFullyQualifiedName(Main.class.getName())
                .should()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(Math.class, "random")
                .because("what depends on the clock or on chance must be testable without them")
                .check(MAIN);
    }

    @Test
    void every_visible_void_method_of_a_test_is_a_test() {
        methods()
                .that()
                .areDeclaredInClassesThat()
                .haveNameMatching(".*(Test|IT|Contract)")
                .and()
                .areNotPrivate()
                .and()
                .haveRawReturnType(void.class)
                .and()
                .areNotStatic()
                .should()
                .beMetaAnnotatedWith(Test.class)
                .orShould()
                .beMetaAnnotatedWith(ParameterizedTest.class)
                .orShould()
                .beMetaAnnotatedWith(TestTemplate.class)
                .orShould()
                .beAnnotatedWith(BeforeEach.class)
                .orShould()
                .beAnnotatedWith(AfterEach.class)
                .orShould()
                .beAnnotatedWith(BeforeAll.class)
                .orShould()
                .beAnnotatedWith(AfterAll.class)
                .because("a test method that was never annotated passes for ever")
                .check(TESTS);
    }
}
