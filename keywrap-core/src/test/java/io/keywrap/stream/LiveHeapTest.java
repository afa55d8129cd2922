package io.keywrap.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.keywrap.TestTenant;
import io.keywrap.heap.DumpedProcess;
import io.keywrap.heap.Form;
import io.keywrap.heap.HeapSearch;
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
    private static final int LEAST_SECRETS = 15;

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
            assertNothingLeft("used");
        }

        @Test
        void noKeyIsLeftOfWhatFailed() throws Exception {
            assertNothingLeft("failed");
        }

        @Test
        void noKeyIsLeftOfWhatWasOpenWhenItsKekWasRevoked() throws Exception {
            assertNothingLeft("revoked");
        }

        /**
         * Garbage is asked for more than is promised: what keywrap can wipe, it has wiped. The subkey of GCM is
         * SunJCE's; keys that a user gave to ciphers of his own are in a keychain of their own.
         */
        private void assertNothingLeft(String scenario) throws Exception {
            Dumped found = dumped(scenario);
            assertThat(found.reachable).isEmpty();
            found.all.keySet().removeIf(name -> name.contains("of outside"));
            found.all.values().forEach(forms -> forms.remove(Form.GHASH_SUBKEY));
            found.all.values().removeIf(Map::isEmpty);
            assertThat(found.all).isEmpty();
        }
    }

    @Nested
    class WhatIsNotClosed {
        @Test
        void isFoundWithEveryCopyThatAUserMade() throws Exception {
            Map<String, Map<Form, Integer>> found = dumped("open").reachable;
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

    private Dumped dumped(String scenario) throws Exception {
        Path all = folder.resolve("all.hprof");
        Path reachable = folder.resolve("reachable.hprof");
        try (DumpedProcess process = DumpedProcess.start(LiveHeapScenario.class, scenario, folder.toString())) {
            process.dumpAll(all);
            process.dumpReachable(reachable);
        }
        List<Secret> secrets = TenantSecrets.of(TestTenant.in(folder), LiveHeapScenario.envelopes(folder));
        assertThat(secrets).hasSizeGreaterThan(LEAST_SECRETS);
        return new Dumped(HeapSearch.search(reachable, secrets), HeapSearch.search(all, secrets));
    }

    /** What was found in a process, by the names of keys. */
    private record Dumped(Map<String, Map<Form, Integer>> reachable, Map<String, Map<Form, Integer>> all) {}
}
