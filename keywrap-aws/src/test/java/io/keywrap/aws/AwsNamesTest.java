package io.keywrap.aws;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekNotFoundException;
import io.keywrap.KekRevokedException.Reason;
import io.keywrap.WrappedDek;
import io.keywrap.emulators.AwsKeySpec;
import io.keywrap.emulators.AwsKmsKey;
import io.keywrap.provider.KeyProvider;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** Keys that have more than one name: aliases, and replicas in other Regions. */
class AwsNamesTest extends AwsFixture {
    @Nested
    class AnAlias {
        private final String alias = key.alias("Spanning-KMS");
        private final KeyProvider byAlias = provider(alias);

        @Test
        void isResolvedForAWrapAndKeepsTheKeyAsVersion() {
            WrappedDek wrapped = wrap(byAlias);
            assertThat(wrapped.kekId()).isEqualTo(EmulatedKms.kekId(alias));
            assertThat(wrapped.kekVersion()).isEqualTo(key.arn());
        }

        @Test
        void isNotPinnedForAnUnwrapSoThatOldWrapsOpenWhereverItPoints() {
            WrappedDek old = wrap(byAlias);
            AwsKmsKey next = kms.emulator.createKey();
            next.alias("Spanning-KMS");
            assertOpens(byAlias, old);
            assertThat(wrap(byAlias).kekVersion()).isEqualTo(next.arn());
            assertThat(byAlias.status(deadline()).needsRewrap(old)).isTrue();
            key.disable();
            assertRevoked(Reason.DISABLED, () -> byAlias.unwrap(old, context, deadline()));
            assertOpens(byAlias, wrap(byAlias));
        }

        @Test
        void doesNotOpenAWrapMadeByTheKeyItself() {
            WrappedDek direct = wrap(provider);
            WrappedDek relabelled = WrappedDek.builder(id, byAlias.kekId())
                    .kekVersion(key.arn())
                    .build(direct.algorithm(), direct.wrappedBytes());
            assertFails(InvalidWrappedDekException.class, () -> byAlias.unwrap(relabelled, context, deadline()));
        }

        @Test
        void unwrapsWithNoKeyOfAnotherAccountOrRegion() {
            WrappedDek wrapped = wrap(byAlias);
            int before = kms.emulator.events().size();
            for (String arn : List.of(
                    key.arn().replace(kms.emulator.account(), OTHER_ACCOUNT),
                    key.arn().replace("eu-west-1", "us-east-1"),
                    key.arn().replace("arn:aws:", "arn:aws-cn:"),
                    alias,
                    "unknown")) {
                WrappedDek lured = WrappedDek.builder(id, byAlias.kekId())
                        .kekVersion(arn)
                        .build(wrapped.algorithm(), wrapped.wrappedBytes());
                assertFails(InvalidWrappedDekException.class, () -> byAlias.unwrap(lured, context, deadline()));
            }
            assertThat(kms.emulator.events()).hasSize(before);
        }

        @Test
        void tellsOfADeletedKeyOnlyIfThatKeyWasSeenWorking() {
            WrappedDek wrapped = wrap(byAlias);
            key.delete();
            assertRevoked(Reason.DELETED, () -> byAlias.unwrap(wrapped, context, deadline()));
            WrappedDek ofNobody = WrappedDek.builder(id, byAlias.kekId())
                    .kekVersion(kms.unknownKek().uri().substring("aws-kms://".length()))
                    .build(wrapped.algorithm(), wrapped.wrappedBytes());
            assertFails(KekNotFoundException.class, () -> byAlias.unwrap(ofNobody, context, deadline()));
        }

        @Test
        void thatIsNotThereIsNotFound() {
            KeyProvider nowhere = provider(alias + "-nowhere");
            assertFails(KekNotFoundException.class, () -> wrap(nowhere));
        }
    }

    @Nested
    class AMultiRegionKey {
        private final AwsKmsKey primary =
                kms.emulator.createKey(AwsKeySpec.symmetric().asMultiRegion());
        private final AwsKmsKey replica = primary.replicate("us-east-1");

        @Test
        void unwrapsInEitherRegionWhatTheOtherHasWrapped() {
            assertOpens(provider(replica.arn()), wrap(provider(primary.arn())));
            assertOpens(provider(primary.arn()), wrap(provider(replica.arn())));
        }

        @Test
        void isDisabledInOneRegionAlone() {
            WrappedDek wrapped = wrap(provider(primary.arn()));
            primary.disable();
            assertRevoked(Reason.DISABLED, () -> provider(primary.arn()).unwrap(wrapped, context, deadline()));
            assertOpens(provider(replica.arn()), wrapped);
        }

        @Test
        void doesNotOpenTheWrapsOfAnother() {
            AwsKmsKey other = kms.emulator.createKey(AwsKeySpec.symmetric().asMultiRegion());
            WrappedDek wrapped = wrap(provider(other.arn()));
            assertFails(
                    InvalidWrappedDekException.class,
                    () -> provider(replica.arn()).unwrap(wrapped, context, deadline()));
        }
    }
}
