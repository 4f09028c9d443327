package io.turnstone.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;

@DisplayName("The checklist of the specification")
class ConformanceTest {

    private static final Path PAGE = Path.of("docs/amqp-conformance.md");

    private final Conformance conformance = Conformance.read();

    @Test
    void isShownByTestsLineByLine() {
        assertThat(conformance.requirements())
                .filteredOn(line -> Set.of(Conformance.State.TESTED, Conformance.State.PARTLY)
                        .contains(line.state()))
                .filteredOn(line -> conformance.of(line).isEmpty())
                .as("lines of conformance.txt without a test: tag one with @Spec(section, says), word by word")
                .isEmpty();
    }

    @Test
    void leavesOpenOnlyWhatHasNoTest() {
        assertThat(conformance.requirements())
                .filteredOn(line -> Set.of(Conformance.State.TO_DO, Conformance.State.NOT_APPLICABLE)
                        .contains(line.state()))
                .filteredOn(line -> !conformance.of(line).isEmpty())
                .as("lines of conformance.txt that have a test by now: mark them with '-', or '~' and what is missing")
                .isEmpty();
    }

    @Test
    void namesWhateverATestIsTaggedWith() {
        assertThat(conformance.tagged())
                .filteredOn(tag -> conformance.requirements().stream().noneMatch(tag::shows))
                .as("tags that conformance.txt does not know: use its words, or add a line")
                .isEmpty();
    }

    @Test
    void countsOnTestsThatAreRun() {
        assertThat(conformance.tagged())
                .filteredOn(tag -> !AnnotationSupport.isAnnotated(tag.test(), Testable.class)
                        || AnnotationSupport.isAnnotated(tag.test(), Disabled.class)
                        || AnnotationSupport.isAnnotated(tag.test().getDeclaringClass(), Disabled.class))
                .as("tagged methods that no run of the build calls")
                .isEmpty();
    }

    @Test
    void isWrittenDownAsItStands() throws Exception {
        String page = conformance.page();
        if (Boolean.getBoolean("conformance.write")) {
            Files.writeString(PAGE, page);
        }

        assertThat(PAGE)
                .as("write it again: ./mvnw -pl amqp-frontend -am test -Dtest=ConformanceTest -Dconformance.write=true")
                .content()
                .isEqualTo(page);
    }
}
