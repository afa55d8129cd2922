package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.keywrap.Deadline;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.DekLease;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import io.keywrap.provider.KeyProvider.Status;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What a KMS tells of a KEK, and who sees leases. */
class StatusAndLeasesTest {
    private static final KekId KEK = KekId.of("odd:key");

    @Nested
    class TheStatus {
        private final WrappedDek byVersionTwo =
                WrappedDek.builder(DekId.random(), KEK).kekVersion("2").build("COPY", new byte[1]);

        @Test
        void tellsARotationByTheVersion() {
            assertThat(Status.ofVersion("2").needsRewrap(byVersionTwo)).isFalse();
            assertThat(Status.ofVersion("3").needsRewrap(byVersionTwo)).isTrue();
            assertThat(Status.ofVersion("3").currentVersion()).contains("3");
            assertThat(Status.ofVersion("3")).hasToString("Status[current version 3]");
        }

        @Test
        void thatIsUnknownAsksForNothing() {
            assertThat(Status.unknown().needsRewrap(byVersionTwo)).isFalse();
            assertThat(Status.unknown().currentVersion()).isEmpty();
        }

        @Test
        void knowsNothingOfAWrapWithoutAVersion() {
            WrappedDek without = WrappedDek.builder(DekId.random(), KEK).build("COPY", new byte[1]);
            assertThat(Status.ofVersion("3").needsRewrap(without)).isFalse();
        }

        @Test
        void isUnknownFromAProviderThatDoesNotTell() {
            try (KeyProviders providers =
                    KeyProviders.builder().register(new OddFactory()).build()) {
                assertThat(providers.provider(KEK).status(providers.foregroundDeadline()))
                        .isSameAs(Status.unknown());
            }
        }

        @Test
        void isCheckedLikeEveryAnswer() {
            assertRefused(() -> null);
            assertRefused(() -> {
                throw new IllegalArgumentException("told to fail");
            });
        }

        private void assertRefused(Supplier<Status> answer) {
            KeyProvider odd = (KeyProvider) Proxy.newProxyInstance(
                    getClass().getClassLoader(),
                    new Class<?>[] {KeyProvider.class},
                    (proxy, method, arguments) -> method.getName().equals("kekId") ? KEK : answer.get());
            Deadline deadline = KeyProviders.builder().build().foregroundDeadline();
            assertThatExceptionOfType(KekConfigurationException.class)
                    .isThrownBy(() -> new CheckedKeyProvider(odd).status(deadline))
                    .satisfies(e -> assertThat(e.kekId()).contains(KEK));
        }
    }

    @Nested
    class ALease {
        private final Dek dek = Dek.random(DekId.random());

        @Test
        void isSeenByTheObserver() {
            List<DekLease> seen = new ArrayList<>();
            try (KeyProviders providers =
                            KeyProviders.builder().onLease(seen::add).build();
                    DekLease lease = providers.lease(dek)) {
                assertThat(seen).containsExactly(lease);
            }
            assertThat(dek.isClosed()).isTrue();
        }

        @Test
        void isClosedWhereTheObserverFails() {
            try (KeyProviders providers = KeyProviders.builder()
                    .onLease(lease -> {
                        throw new IllegalStateException("told to fail");
                    })
                    .build()) {
                assertThatIllegalStateException().isThrownBy(() -> providers.lease(dek));
            }
            assertThat(dek.isClosed()).isTrue();
        }
    }
}
