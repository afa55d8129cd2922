package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.groups.Tuple.tuple;

import io.keywrap.CallPurpose;
import io.keywrap.DekDestroyedException;
import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.KeychainDestroyedException;
import io.keywrap.emulators.AwsFault;
import io.keywrap.keychain.Erasure;
import io.keywrap.keychain.Keychain;
import io.keywrap.keychain.Openers;
import io.keywrap.keychain.Openers.Opener;
import io.keywrap.provider.KeyProviders;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.stream.EnvelopeCipher;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Before an erasure the report names each path to an object, and each works; afterwards none does that it still names not. */
class ErasureWireTest {
    private static final EncryptionContext OBJECT = EncryptionContext.of("object", "accounts.csv");
    private static final byte[] PLAIN = "account,amount\n1,2\n".getBytes(StandardCharsets.UTF_8);
    private static final String ID = "tenant-42";

    @TempDir
    Path folder;

    private ThreeClouds clouds;
    private Keychain keychain;
    private byte[] object;

    @BeforeEach
    void startClouds() throws Exception {
        clouds = new ThreeClouds();
    }

    @AfterEach
    void close() {
        clouds.close();
    }

    /** CONTROL in AWS, REPLICA in Google Cloud, RETAINED in Azure, and an object under all of them. */
    private void make(boolean portable) {
        keychain = clouds.keychains(folder).create(ID, spec -> {
            spec.control(clouds.inAzure);
            if (portable) {
                spec.portable();
            }
        });
        object = EnvelopeCipher.using(keychain).encrypt(PLAIN, OBJECT);
        keychain.changeRecipients(to -> to.control(clouds.inAws)
                .replica(clouds.inGcp)
                .retained(clouds.inAzure, Instant.parse("2126-01-01T00:00:00Z")));
        keychain.repair(Set.of(clouds.inAws, clouds.inGcp));
    }

    private List<String> paths(Openers openers) {
        return openers.openers().stream()
                .filter(Opener::canOpen)
                .map(opener -> opener.role() + " " + opener.kekId())
                .toList();
    }

    private byte[] restore(KeyProviders process) {
        return EnvelopeCipher.using(clouds.keychains(folder, process).open(ID)).decrypt(object, OBJECT);
    }

    private KeyProviders hasty() {
        return clouds.process(options -> options.budget(CallPurpose.FOREGROUND, Duration.ofSeconds(2)));
    }

    private byte[] byTheReplica() {
        clouds.aws.injectAlways(AwsFault.cut().of(clouds.awsKey));
        try {
            return restore(hasty());
        } finally {
            clouds.aws.recover();
        }
    }

    /** The old KEK by itself, as somebody can who makes it CONTROL again. */
    private byte[] byTheRetained() {
        Keychain changed = clouds.keychains(folder).open(ID);
        changed.changeRecipients(to -> to.control(clouds.inAzure));
        return restore(clouds.process());
    }

    @Test
    void ofAKeychainWhoseStoreIsAllThereIs() {
        make(false);
        KeyProviders running = clouds.process();
        Keychain elsewhere = clouds.keychains(folder, running).open(ID);
        assertThat(EnvelopeCipher.using(elsewhere).decrypt(object, OBJECT)).isEqualTo(PLAIN);

        Openers before = keychain.whoCanStillOpen();
        assertThat(paths(before))
                .containsExactly("CONTROL " + clouds.inAws, "REPLICA " + clouds.inGcp, "RETAINED " + clouds.inAzure);
        assertThat(before.cachesUntil()).isAfter(before.asOf());
        assertThat(restore(clouds.process())).isEqualTo(PLAIN);
        assertThat(byTheReplica()).isEqualTo(PLAIN);
        assertThat(byTheRetained()).isEqualTo(PLAIN);

        Erasure erasure = keychain.destroy(Optional.of("the data subject"));

        assertThat(erasure.before().openers())
                .filteredOn(Opener::canOpen)
                .extracting(Opener::kekId)
                .contains(clouds.inAws, clouds.inGcp, clouds.inAzure);
        assertThat(paths(erasure.after())).isEmpty();
        assertThat(paths(clouds.keychains(folder).open(ID).whoCanStillOpen())).isEmpty();
        assertThatExceptionOfType(DekDestroyedException.class).isThrownBy(() -> restore(clouds.process()));
        assertThatExceptionOfType(DekDestroyedException.class).isThrownBy(this::byTheReplica);
        assertThatExceptionOfType(KeychainDestroyedException.class).isThrownBy(this::byTheRetained);
        elsewhere.refresh(); // As it does by itself before its caches are said to be over.
        assertThatExceptionOfType(DekDestroyedException.class)
                .isThrownBy(() -> EnvelopeCipher.using(elsewhere).decrypt(object, OBJECT));
        assertThatExceptionOfType(KeychainDestroyedException.class)
                .isThrownBy(() -> EnvelopeCipher.using(keychain).encrypt(PLAIN, OBJECT));
        assertThat(erasure.toJson()).contains("no longer in this store", "the data subject", "backups");
    }

    /** A copy of a portable envelope survives, and the evidence says so and under which KEKs. */
    @Test
    void ofAPortableKeychainNamesTheCopiesThatItCannotReach() {
        make(true);
        Function<KekId, byte[]> byTheCopy =
                kek -> EnvelopeCipher.portable(clouds.process(), Set.of(kek)).decrypt(object, OBJECT);
        byte[] older = object;
        assertThat(byTheCopy.apply(clouds.inAzure)).isEqualTo(PLAIN);
        object = EnvelopeCipher.using(clouds.keychains(folder).open(ID)).encrypt(PLAIN, OBJECT);
        assertThat(byTheCopy.apply(clouds.inAws)).isEqualTo(PLAIN);
        assertThat(byTheCopy.apply(clouds.inGcp)).isEqualTo(PLAIN);

        Erasure erasure = keychain.destroy(Optional.empty());

        assertThat(erasure.after().openers())
                .allSatisfy(opener -> assertThat(opener.deks()).isZero())
                .extracting(Opener::role, Opener::inEnvelopes)
                .containsExactly(tuple(Role.CONTROL, true), tuple(Role.REPLICA, true), tuple(Role.RETAINED, true));
        assertThatExceptionOfType(DekDestroyedException.class).isThrownBy(() -> restore(clouds.process()));
        assertThat(byTheCopy.apply(clouds.inAws)).isEqualTo(PLAIN);
        assertThat(byTheCopy.apply(clouds.inGcp)).isEqualTo(PLAIN);
        object = older;
        assertThat(byTheCopy.apply(clouds.inAzure)).isEqualTo(PLAIN);
        assertThat(erasure.survives()).anySatisfy(one -> assertThat(one).contains("copies of envelopes"));
    }
}
