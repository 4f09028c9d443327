package io.turnstone;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Between the modules")
class ModuleBoundariesTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("io.turnstone");

    @ParameterizedTest(name = "{0} is looked at")
    @ValueSource(strings = {"api", "router", "store", "amqp", "broker", "metrics", "hash"})
    void everyModuleIsLookedAt(String module) {
        assertThat(CLASSES).anyMatch(type -> type.getPackageName().equals("io.turnstone." + module));
    }

    @ParameterizedTest(name = "{0} knows of ours only the api")
    @ValueSource(strings = {"api", "router", "store", "amqp", "metrics", "hash"})
    void eachKnowsOnlyTheApi(String module) {
        String own = "io.turnstone." + module + "..";
        noClasses()
                .that()
                .resideInAPackage(own)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(othersThan(module))
                .because("everything meets at the api (architecture, first picture)")
                .check(CLASSES);
    }

    @ParameterizedTest(name = "{0} does not know {1}")
    @CsvSource({
        "topology, io.turnstone.router",
        "exchange, io.turnstone.router",
        "exchange, io.turnstone.router.topology",
        "exchange, io.turnstone.router.queue",
        "queue, io.turnstone.router",
        "queue, io.turnstone.router.topology",
        "queue, io.turnstone.router.exchange"
    })
    void theRouterPointsOneWay(String part, String unknown) {
        pointsOneWay(
                "io.turnstone.router." + part,
                unknown,
                "the way in knows the topology, the topology exchanges and queues, and these nobody");
    }

    @ParameterizedTest(name = "{0} does not know {1}")
    @CsvSource({
        "management, io.turnstone.amqp",
        "message, io.turnstone.amqp.management",
        "terms, io.turnstone.amqp.management",
        "codec, io.turnstone.amqp.management",
        "error, io.turnstone.amqp.management",
        "message, io.turnstone.amqp",
        "message, io.turnstone.amqp.terms",
        "terms, io.turnstone.amqp",
        "terms, io.turnstone.amqp.message",
        "filter, io.turnstone.amqp",
        "filter, io.turnstone.amqp.terms",
        "message, io.turnstone.amqp.filter",
        "codec, io.turnstone.amqp",
        "codec, io.turnstone.amqp.message",
        "codec, io.turnstone.amqp.terms",
        "codec, io.turnstone.amqp.filter",
        "error, io.turnstone.amqp",
        "error, io.turnstone.amqp.message",
        "error, io.turnstone.amqp.terms",
        "error, io.turnstone.amqp.codec",
        "error, io.turnstone.amqp.filter",
        "rehearsal, io.turnstone.amqp",
        "rehearsal, io.turnstone.amqp.management",
        "rehearsal, io.turnstone.amqp.message",
        "rehearsal, io.turnstone.amqp.terms",
        "rehearsal, io.turnstone.amqp.filter"
    })
    void theFrontEndPointsOneWay(String part, String unknown) {
        pointsOneWay(
                "io.turnstone.amqp." + part,
                unknown,
                "links know management, messages and terms, terms filters, these messages, all the codec, that the errors");
    }

    @ParameterizedTest(name = "{0} knows of the store only {1}")
    @CsvSource({
        "files, ''",
        "spool, files",
        "pages, files",
        "journal, files spool",
        "checkpoint, files spool pages journal",
    })
    void theStorePointsOneWay(String part, String known) {
        var unknown = Stream.of("files", "spool", "pages", "journal", "checkpoint", "tools")
                .filter(other ->
                        !other.equals(part) && !List.of(known.split(" ")).contains(other))
                .map(other -> "io.turnstone.store." + other);
        pointsOneWay(
                "io.turnstone.store." + part,
                Stream.concat(unknown, Stream.of("io.turnstone.store")).toArray(String[]::new),
                "the checkpoint knows journal and pages, the journal the spool, these the files, and nobody the tools");
    }

    @Test
    void theToolsOfTheStoreAreOnTop() {
        pointsOneWay("io.turnstone.store", new String[] {"io.turnstone.store.tools"}, "tools look, and are not needed");
    }

    @Test
    void theAssemblyIsImportedByNone() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.turnstone.broker..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.turnstone.broker..")
                .check(CLASSES);
    }

    @Test
    void onlyTheFrontEndKnowsTheCodec() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.turnstone.amqp..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.qpid..")
                .check(CLASSES);
    }

    @Test
    void onlyTheHostKnowsNetty() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.turnstone.amqp..", "io.turnstone.broker.host..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .check(CLASSES);
    }

    @Test
    void onlyTheFrontEndAndTheAssemblyKnowVertx() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.turnstone.amqp..", "io.turnstone.broker..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.vertx..")
                .check(CLASSES);
    }

    @Test
    void onlyTheStoreKnowsMapDb() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.turnstone.store..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.mapdb..")
                .check(CLASSES);
    }

    @Test
    void theApiNeedsOnlyTheJdkAndJSpecify() {
        classes()
                .that()
                .resideInAPackage("io.turnstone.api..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("io.turnstone.api..", "java..", "org.jspecify..")
                .check(CLASSES);
    }

    private static void pointsOneWay(String part, String unknown, String because) {
        pointsOneWay(part, new String[] {unknown}, because);
    }

    private static void pointsOneWay(String part, String[] unknown, String because) {
        noClasses()
                .that()
                .resideInAPackage(part)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(unknown)
                .because(because)
                .check(CLASSES);
    }

    private static String[] othersThan(String module) {
        return Stream.of("router", "store", "amqp", "broker", "metrics", "hash")
                .filter(other -> !other.equals(module))
                .map(other -> "io.turnstone." + other + "..")
                .toArray(String[]::new);
    }
}
