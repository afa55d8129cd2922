package io.keywrap.rewrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.AuthenticationFailedException.Check;
import io.keywrap.DataException;
import io.keywrap.DekDestroyedException;
import io.keywrap.FormatRule;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekId;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException;
import io.keywrap.KeywrapException;
import io.keywrap.MalformedEnvelopeException;
import io.keywrap.TestTenant;
import io.keywrap.TruncatedEnvelopeException;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.WrappedDek;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.provider.KeyProviders;
import io.keywrap.recovery.StoreRecovery;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Envelopes that somebody has changed, and KEKs that do not open them: refused, and left as they are. */
class PortableRewrapHostileTest extends PortableFixture {
    private static final int PAYLOAD_HEADER = 74;

    private void become(byte[] bytes) throws IOException {
        before = bytes;
        Files.write(envelope, bytes);
    }

    private <T extends Throwable> void refused(Class<T> type, PortableRewrap rewrap) throws IOException {
        assertThatThrownBy(() -> rewrap.rewrap(envelope)).isInstanceOf(type);
        requireAsItWas();
        assertThatThrownBy(() -> rewrap.rewrap(envelope, work.resolve("target")))
                .isInstanceOf(type);
        requireAsItWas();
    }

    private void refusedBy(Check check, PortableRewrap rewrap) throws IOException {
        AuthenticationFailedException refusal =
                (AuthenticationFailedException) catchThrowable(() -> rewrap.rewrap(envelope));
        assertThat(refusal.check()).isEqualTo(check);
        requireAsItWas();
    }

    @Nested
    class Headers {
        /** Whichever byte is changed: either it is refused, or the wraps that come out are good. */
        @Test
        @FormatRule("P3")
        void aChangedByteIsRefusedOrOfAWrapThatIsReplaced() throws IOException {
            byte[] whole = before;
            int bound = 13 + header(whole).associatedData().length - 5;
            int end = header(whole).toBytes().length + PAYLOAD_HEADER;
            for (int at = 0; at < end; at++) {
                byte[] changed = whole.clone();
                changed[at] ^= 1;
                become(changed);
                Throwable failure = catchThrowable(() -> to(NEW).rewrap(envelope));
                if (failure == null) {
                    assertThat(openedWith(envelope, NEW)).isEqualTo(DATA);
                    assertThat(at).as("in a recipient").isBetween(bound, end - PAYLOAD_HEADER);
                } else {
                    assertThat(failure).as("byte %s", at).isInstanceOf(KeywrapException.class);
                    requireAsItWas();
                }
            }
        }

        @Test
        void anotherBoundPartIsNotTakenForTheTrueOne() throws IOException {
            byte[] changed = before.clone();
            int at = new String(changed, StandardCharsets.ISO_8859_1).indexOf("a.csv");
            changed[at] = 'b';
            become(changed);
            refusedBy(Check.HEADER, to(NEW));
            refusedBy(Check.HEADER, PortableRewrap.of(tenant.providers(), keychain));
            assertThatExceptionOfType(AuthenticationFailedException.class).isThrownBy(() -> to(NEW).header(changed));
        }

        @Test
        void whatIsNoEnvelopeIsLeftAlone() throws IOException {
            become("id,name\n1,acme\n".getBytes(StandardCharsets.US_ASCII));
            refused(MalformedEnvelopeException.class, to(NEW));
            become(new byte[0]);
            refused(TruncatedEnvelopeException.class, to(NEW));
        }

        @Test
        void wrapsThatAreHeldByTheKeychainAreNotCopiedOut() throws IOException {
            Keychain held = tenant.keychain("held");
            become(EnvelopeCipher.using(held).encrypt(DATA, CONTEXT));
            assertThatExceptionOfType(UnsupportedEnvelopeException.class)
                    .isThrownBy(() -> to(NEW).rewrap(envelope))
                    .withMessageContaining("'held'")
                    .withMessageContaining("to do: leave it as it is, and re-wrap the keychain");
            requireAsItWas();
        }

        @Test
        void anExportOfAStoreStaysUnderTheKekOfItsSeal() throws IOException {
            StoreRecovery.of(tenant.store(), tenant.providers(), KeychainSeal.wrappedBy(TestTenant.VENDOR))
                    .exportTo(envelope);
            become(Files.readAllBytes(envelope));
            refused(
                    UnsupportedEnvelopeException.class,
                    PortableRewrap.to(tenant.providers(), Set.of(TestTenant.VENDOR), List.of(NEW)));
        }
    }

    @Nested
    class Recipients {
        @Test
        @FormatRule("H13")
        void aKekThatIsNotAllowedOpensNothing() throws IOException {
            refusedBy(Check.DEK, PortableRewrap.to(tenant.providers(), Set.of(NEW), List.of(NEW)));
            refusedBy(Check.DEK, PortableRewrap.to(tenant.providers(), Set.of(), List.of(NEW)));
        }

        @Test
        void aKeyOfSomebodysOwnIsNotGivenToTheNewKek() throws IOException {
            WrappedDek planted = planted(OLD);
            become(withRecipients(before, wraps -> List.of(planted)));
            refusedBy(Check.HEADER, to(NEW));
            become(withRecipients(before, wraps -> List.of(planted, wraps.get(0))));
            refusedBy(Check.HEADER, to(NEW));
        }

        @Test
        void aPlantedWrapUnderTheNewKekIsReplaced() throws IOException {
            WrappedDek planted = planted(NEW);
            become(withRecipients(before, wraps -> List.of(planted, wraps.get(0))));
            to(NEW).rewrap(envelope);
            assertThat(header(Files.readAllBytes(envelope)).recipients()).doesNotContain(planted);
            assertThat(openedWith(envelope, NEW)).isEqualTo(DATA);
        }

        @Test
        void aDamagedWrapIsPassedOverAndADamagedOneOfTheNewKekReplaced() throws IOException {
            to(NEW).rewrap(envelope);
            byte[] rewrapped = Files.readAllBytes(envelope);
            become(withRecipients(
                    before,
                    wraps -> List.of(
                            flipped(header(rewrapped).recipients().get(0)), flipped(wraps.get(0)), wraps.get(0))));
            to(NEW).rewrap(envelope);
            assertThat(openedWith(envelope, NEW)).isEqualTo(DATA);

            become(withRecipients(
                    before,
                    wraps -> List.of(flipped(header(rewrapped).recipients().get(0)))));
            refusedBy(Check.DEK, to(NEW));
        }

        @Test
        void theWrapOfAnotherDekIsNone() throws IOException {
            byte[] other = EnvelopeCipher.using(tenant.keychain("tenant-43", spec -> spec.portable()))
                    .encrypt(DATA, CONTEXT);
            become(withRecipients(before, wraps -> header(other).recipients()));
            refusedBy(Check.DEK, to(NEW));
        }

        @Test
        void anEnvelopeThatWasForgedWholeGetsNothingOfTheTrueDek() throws IOException {
            // Whoever may use the old KEK makes an envelope with a DEK of his own under the id of the true one.
            PortableRewrap rewrap = to(NEW);
            rewrap.rewrap(envelope);
            byte[] honest = Files.readAllBytes(envelope);
            byte[] forged = ForgedEnvelope.like(header(before), planted(OLD), tenant.providers(), DATA);
            become(forged);

            rewrap.rewrap(envelope);
            byte[] after = Files.readAllBytes(envelope);
            assertThat(header(after).recipients()).isNotEqualTo(header(honest).recipients());
            assertThat(openedWith(after, NEW)).isEqualTo(DATA);
        }
    }

    @Nested
    class Payloads {
        @Test
        @FormatRule("P8")
        void oneThatIsCutIsRefusedWhereverItIsCut() throws IOException {
            byte[] whole = before;
            int segments = header(whole).toBytes().length + PAYLOAD_HEADER;
            for (int length : new int[] {
                segments - 1,
                segments,
                segments + 31,
                segments + 65_536,
                segments + 65_537,
                segments + 2 * 65_536,
                whole.length - 1
            }) {
                become(Arrays.copyOf(whole, length));
                assertThatThrownBy(() -> to(NEW).rewrap(envelope))
                        .as("%s bytes", length)
                        .isInstanceOf(DataException.class);
                requireAsItWas();
            }
            become(Arrays.copyOf(whole, segments + 65_536));
            refused(TruncatedEnvelopeException.class, to(NEW));
        }

        @Test
        @FormatRule("P9")
        void whatIsAppendedIsNotCarriedOn() throws IOException {
            become(Arrays.copyOf(before, before.length + 1));
            refused(DataException.class, to(NEW));
        }

        @Test
        void anEndOfAnotherEnvelopeIsRefused() throws IOException {
            byte[] other = EnvelopeCipher.using(keychain).encrypt(random(DATA.length), CONTEXT);
            byte[] joined = before.clone();
            System.arraycopy(other, joined.length - 100, joined, joined.length - 100, 100);
            become(joined);
            refusedBy(Check.SEGMENT, to(NEW));
        }
    }

    @Nested
    class Keks {
        @Test
        void whatItsOwnerHasClosedStaysClosed() throws IOException {
            tenant.keks().disable(OLD);
            refused(KekRevokedException.class, PortableRewrap.to(freshProviders(), Set.of(OLD), List.of(NEW)));
        }

        @Test
        void aNewKekThatCannotBeUsedLeavesTheOldWraps() throws IOException {
            tenant.keks().disable(NEW);
            refused(KekRevokedException.class, to(NEW));
            tenant.keks().enable(NEW);
        }

        @Test
        void aNewKekThatIsMissingOrUnknownIsNamed() throws IOException {
            KekId missing = KekId.of("keystore:main#missing");
            assertThatExceptionOfType(KekNotFoundException.class)
                    .isThrownBy(() -> to(NEW, missing).rewrap(envelope))
                    .matches(e -> e.kekId().equals(Optional.of(missing)));
            requireAsItWas();
            refused(KekConfigurationException.class, to(KekId.of("keystore:elsewhere#kek")));
        }

        @Test
        void aDestroyedDekStaysDestroyed() throws IOException {
            PortableRewrap rewrap = PortableRewrap.of(tenant.providers(), keychain);
            keychain.destroy(Optional.empty());
            refused(DekDestroyedException.class, rewrap);
        }

        @Test
        void noMessageNamesAValueOfAContext() throws IOException {
            byte[] whole = before;
            for (int at : new int[] {30, 60, 90, 120, 200, whole.length - 1}) {
                byte[] changed = whole.clone();
                changed[at] ^= 1;
                become(changed);
                Throwable failure = catchThrowable(() -> to(NEW).rewrap(envelope));
                if (failure != null) {
                    assertThat(failure.toString()).doesNotContain("acme", "a.csv,");
                }
            }
        }

        private KeyProviders freshProviders() {
            return KeyProviders.builder().register(tenant.keks()).build();
        }
    }
}
