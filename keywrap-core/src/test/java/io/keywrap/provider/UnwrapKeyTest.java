package io.keywrap.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.keywrap.EncryptionContext;
import io.keywrap.KekId;
import io.keywrap.WrappedDek;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a cached DEK is found by: a hash that two of them share must not give one tenant's DEK to another. */
class UnwrapKeyTest {
    private final WrappedDek wrapped = FakeKms.wrapped();
    private final UnwrapKey key = new UnwrapKey(wrapped, EncryptionContext.of("tenant", "Aa"));

    @Test
    void isTheSameOfTheSameWrapAndContext() {
        assertThat(new UnwrapKey(ofVersion("1"), EncryptionContext.of("tenant", "Aa")))
                .isEqualTo(key)
                .hasSameHashCodeAs(key);
        assertThat(key).hasToString("UnwrapKey[" + wrapped + "]").isNotEqualTo(wrapped);
    }

    @Test
    void isAnotherOfAnotherContextWithTheSameHash() {
        UnwrapKey other = new UnwrapKey(wrapped, EncryptionContext.of("tenant", "BB"));
        assertThat(other.hashCode()).isEqualTo(key.hashCode());
        assertThat(other).isNotEqualTo(key);
    }

    @Test
    void isAnotherOfAnotherWrapWithTheSameHash() {
        UnwrapKey one = new UnwrapKey(ofVersion("Aa"), EncryptionContext.empty());
        UnwrapKey other = new UnwrapKey(ofVersion("BB"), EncryptionContext.empty());
        assertThat(other.hashCode()).isEqualTo(one.hashCode());
        assertThat(other).isNotEqualTo(one);
    }

    private WrappedDek ofVersion(String version) {
        return WrappedDek.builder(wrapped.dekId(), wrapped.kekId())
                .kekVersion(version)
                .build("COPY", wrapped.wrappedBytes());
    }

    @Test
    void isAnotherOfAnotherWrap() {
        List<WrappedDek> others = List.of(
                FakeKms.wrapped(),
                WrappedDek.builder(wrapped.dekId(), KekId.of("fake:other"))
                        .kekVersion("1")
                        .build("COPY", wrapped.wrappedBytes()),
                ofVersion("2"),
                WrappedDek.builder(wrapped.dekId(), wrapped.kekId())
                        .kekVersion("1")
                        .build("OTHER", wrapped.wrappedBytes()));
        assertThat(others)
                .allSatisfy(other -> assertThat(new UnwrapKey(other, EncryptionContext.of("tenant", "Aa")))
                        .isNotEqualTo(key)
                        .doesNotHaveSameHashCodeAs(key));
    }
}
