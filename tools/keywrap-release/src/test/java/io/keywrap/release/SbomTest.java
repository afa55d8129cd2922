package io.keywrap.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** The list of what a jar pulls in says what Maven resolves for whoever depends on it: nothing less, no test, nothing else. */
@Tag("release")
class SbomTest {
    @TestFactory
    Stream<DynamicTest> listsExactlyWhatIsPulledIn() throws Exception {
        return Sbom.all().stream()
                .map(sbom -> DynamicTest.dynamicTest(sbom.module().artifactId(), () -> {
                    List<Artifact> resolved = sbom.resolved().stream()
                            .map(Artifact.Resolved::artifact)
                            .sorted()
                            .toList();
                    assertThat(sbom.listed().keySet()).containsExactlyElementsOf(resolved);
                    System.out.println(
                            "SBOM of " + sbom.module().artifactId() + ": " + resolved.size() + " jars, as resolved");
                }));
    }
}
