package org.orphancleanup;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_FIELD_INJECTION;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of the house that a compiler does not see. */
class HouseTest {

    private static final String ROOT = "org.orphancleanup";

    /** In the order of the flow. */
    private static final List<String> STAGES = List.of("catalog", "detect", "plan", "repair", "verify", "report");

    private static final JavaClasses CLASSES =
            new ClassFileImporter().withImportOption(new DoNotIncludeTests()).importPackages(ROOT);

    private static String in(String name) {
        return ROOT + "." + name + "..";
    }

    private static String[] in(List<String> names) {
        return names.stream().map(HouseTest::in).toArray(String[]::new);
    }

    @Test
    void there_is_something_to_look_at() {
        assertThat(CLASSES).hasSizeGreaterThan(50);
        assertThat(CLASSES.stream().map(JavaClass::getPackageName)).contains(ROOT + ".catalog", ROOT + ".plan");
    }

    @ParameterizedTest
    @ValueSource(strings = {"catalog", "detect", "plan", "repair", "verify"})
    void a_stage_does_not_know_a_later_one(String stage) {
        List<String> later = STAGES.subList(STAGES.indexOf(stage) + 1, STAGES.size());

        noClasses()
                .that()
                .resideInAPackage(in(stage))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(in(later))
                .allowEmptyShould(true)
                .check(CLASSES);
    }

    @Test
    void stages_do_not_know_who_runs_them() {
        noClasses()
                .that()
                .resideInAnyPackage(in(STAGES))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.springframework.batch..", "org.quartz..", in("run"), in("schedule"), in("sandbox"))
                .check(CLASSES);
    }

    @Test
    void nothing_but_odoo_talks_to_odoo() {
        // the sandbox is itself a server, and a run's notification goes elsewhere
        noClasses()
                .that(resideOutsideOfPackages(in("odoo"), in("sandbox"), in("run")))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.net.http..", "org.springframework.web.client..", "org.springframework.http.client..")
                .orShould()
                .dependOnClassesThat(nameMatching("java.*\\.(Https?)?URLConnection"))
                .check(CLASSES);
    }

    @Test
    void the_client_of_odoo_knows_none_of_us() {
        noClasses()
                .that()
                .resideInAPackage(in("odoo"))
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage(ROOT + "..").and(not(resideInAnyPackage(ROOT, in("odoo"), in("target")))))
                .check(CLASSES);
    }

    @ParameterizedTest
    @ValueSource(strings = {"web", "cli"})
    void nobody_depends_on_an_edge(String edge) {
        // the program itself starts one of them
        noClasses()
                .that(resideOutsideOfPackages(in(edge), ROOT))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(in(edge))
                .check(CLASSES);
    }

    @Test
    void every_package_says_what_can_be_null() {
        classes()
                .that(not(nameMatching(".*package-info")))
                .should(liveInANullMarkedPackage())
                .check(CLASSES);
    }

    private static ArchCondition<JavaClass> liveInANullMarkedPackage() {
        return new ArchCondition<>("live in a package annotated @NullMarked") {
            @Override
            public void check(JavaClass item, ConditionEvents events) {
                boolean isMarked = item.getPackage().isAnnotatedWith(NullMarked.class);
                events.add(new SimpleConditionEvent(
                        item,
                        isMarked,
                        item.getName() + (isMarked ? " does" : " does not: add it to package-info.java")));
            }
        };
    }

    @Test
    void nothing_is_injected_into_fields() {
        NO_CLASSES_SHOULD_USE_FIELD_INJECTION.check(CLASSES);
    }

    @Test
    void only_the_command_line_writes_to_the_terminal() {
        noClasses()
                .that()
                .resideOutsideOfPackage(in("cli"))
                .should(ACCESS_STANDARD_STREAMS)
                .check(CLASSES);
    }

    @Test
    void time_is_java_time_and_comes_from_the_clock() {
        // Quartz speaks the old language
        noClasses()
                .that()
                .resideOutsideOfPackage(in("schedule"))
                .should()
                .dependOnClassesThat(nameMatching(
                        "java\\.util\\.(Date|Calendar|GregorianCalendar)|java\\.text\\.(Simple)?DateFormat"))
                .orShould()
                .callMethod(Instant.class, "now")
                .orShould()
                .callMethod(LocalDate.class, "now")
                .orShould()
                .callMethod(LocalDateTime.class, "now")
                .orShould()
                .callMethod(OffsetDateTime.class, "now")
                .orShould()
                .callMethod(ZonedDateTime.class, "now")
                .check(CLASSES);
    }
}
