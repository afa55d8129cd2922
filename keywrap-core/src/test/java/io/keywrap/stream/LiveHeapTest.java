package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.keywrap.TestTenant;
import io.keywrap.heap.DumpedProcess;
import io.keywrap.heap.Form;
import io.keywrap.heap.HeapSearch;
import io.keywrap.heap.HeapSearch.Findings;
import io.keywrap.heap.Secret;
import io.keywrap.heap.TenantSecrets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a dump of the reachable heap of another process discloses: nothing, once things are closed, in whatever form.
 *
 * <p>Method and findings are in docs/evidence/live-heap.md.
 */
class LiveHeapTest {
    @TempDir
    Path folder;

    @BeforeEach
    void needsTheToolsOfAJdk() {
        assumeThat(Files.isExecutable(DumpedProcess.jcmd()))
                .as("%s, which a JVM without development tools lacks", DumpedProcess.jcmd())
                .isTrue();
    }

    @Nested
    class AfterEverythingWasClosed {
        @Test
        void noKeyIsLeftOfAnyVerbRotationOrLease() throws Exception {
            assertThat(foundIn("used", false)).hasToString("");
        }

        @Test
        void noKeyIsLeftOfWhatFailed() throws Exception {
            assertThat(foundIn("failed", false)).hasToString("");
        }
    }

    @Nested
    class Garbage {
        /** SunJCE never wipes the subkey of GCM. What is a user's own to wipe is in a keychain of its own. */
        @Test
        void ofKeywrapItselfHoldsNoKeyEither() throws Exception {
            Map<String, Map<Form, Integer>> found = foundIn("used", true).bySecret();
            found.keySet().removeIf(name -> name.contains("of outside"));
            found.values().forEach(forms -> forms.remove(Form.GHASH_SUBKEY));
            found.values().removeIf(Map::isEmpty);
            assertThat(found).isEmpty();
        }
    }

    @Nested
    class WhatIsNotClosed {
        @Test
        void isFoundWithEveryCopyThatAUserMade() throws Exception {
            Map<String, Map<Form, Integer>> found = foundIn("open", false).bySecret();
            assertThat(formsOf("of copied", found)).containsExactly(Form.values());
            assertThat(formsOf("of leased", found)).containsExactly(Form.RAW);
            assertThat(formsOf("of streams", found)).containsExactly(Form.RAW);
            for (String key : List.of("message key of 0", "message key of 1", "segment key of 0", "segment key of 1")) {
                assertThat(formsOf(key, found)).as(key).contains(Form.RAW);
            }
            assertThat(found.keySet()).noneMatch(name -> name.startsWith("seal key") || name.contains("wrap"));
        }
    }

    private static Set<Form> formsOf(String name, Map<String, Map<Form, Integer>> found) {
        return found.entrySet().stream()
                .filter(entry -> entry.getKey().contains(name))
                .flatMap(entry -> entry.getValue().keySet().stream())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private Findings foundIn(String scenario, boolean garbageToo) throws Exception {
        Path dump = folder.resolve("dump.hprof");
        try (DumpedProcess process = DumpedProcess.start(LiveHeapScenario.class, scenario, folder.toString())) {
            if (garbageToo) {
                process.dumpAll(dump);
            } else {
                process.dumpLive(dump);
            }
        }
        List<Secret> secrets = TenantSecrets.of(TestTenant.in(folder), LiveHeapScenario.envelopes(folder));
        assertThat(secrets).hasSizeGreaterThan(5);
        Findings findings = HeapSearch.search(dump, secrets);
        System.out.printf(
                "%s%s: %d keys, %d MiB%n%s",
                scenario, garbageToo ? " with garbage" : "", secrets.size(), Files.size(dump) >> 20, findings);
        return findings;
    }
}
