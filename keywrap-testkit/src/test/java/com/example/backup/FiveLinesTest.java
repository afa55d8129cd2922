package com.example.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.keywrap.keychain.Keychain;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

/** The five lines of {@link BackupServiceTest} pass with a good product, and fail with one that is not. */
class FiveLinesTest {
    @Test
    void passesWithTheGoodProduct() {
        run(BackupServiceTest.class).assertStatistics(tests -> tests.started(1).succeeded(1));
    }

    @Test
    void failsWithAProductThatIgnoresTheRevocation() {
        assertThat(failureOf(OfCachingProduct.class))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("Expected io.keywrap.KekRevokedException to be thrown, but nothing was thrown");
    }

    @Test
    void failsWithAProductThatLeaksALeaseAndSaysWhere() {
        Throwable failure = failureOf(OfLeakyProduct.class);
        assertThat(failure).isInstanceOf(AssertionError.class);
        assertThat(failure.getMessage())
                .startsWith(
                        "a lease is still open; close leases, and the readers, writers and channels that hold them:")
                .containsPattern("DEK [0-9a-f]{32}, taken at .*com\\.example\\.backup\\.LeakyBackupService\\.verify\\("
                        + "LeakyBackupService\\.java:\\d+\\)");
        assertThat(failure.getSuppressed()).hasSize(1);
        assertThat(failure.getSuppressed()[0].getStackTrace())
                .extracting(StackTraceElement::getMethodName)
                .contains("verify", "upload", "servesNothingOnceTheCustomerDisablesTheKek");
    }

    private static Throwable failureOf(Class<?> test) {
        Events events = run(test);
        events.assertStatistics(tests -> tests.started(1).failed(1));
        List<TestExecutionResult> results = events.failed()
                .map(event -> event.getRequiredPayload(TestExecutionResult.class))
                .toList();
        return results.get(0).getThrowable().orElseThrow();
    }

    private static Events run(Class<?> test) {
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(test))
                .execute()
                .testEvents();
    }

    static final class OfCachingProduct extends BackupServiceTest {
        @Override
        BackupService serviceOf(Keychain keychain) {
            return new CachingBackupService(keychain);
        }
    }

    static final class OfLeakyProduct extends BackupServiceTest {
        @Override
        BackupService serviceOf(Keychain keychain) {
            return new LeakyBackupService(keychain);
        }
    }
}
