package io.keywrap.onboarding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keywrap.KekId;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a reference says of itself, and what is taken away around a text; names of keys are the adapters' matter. */
class KeyReferenceTest {
    private static final KekId KEK = KekId.of("aws-kms://arn");

    @Test
    void anAcceptedOneTellsWhatWasPutRight() {
        KeyReference plain = KeyReference.accepted(KEK, "the ARN of a key", List.of());
        KeyReference noted = KeyReference.accepted(KEK, "the ARN of a key", List.of("one", "two"));

        assertThat(plain.explanation()).isEqualTo("this is the ARN of a key: aws-kms://arn");
        assertThat(noted.explanation()).isEqualTo("this is the ARN of a key: aws-kms://arn; one; two");
        assertThat(noted.required()).isEqualTo(KEK);
        assertThat(noted.pasteInstead()).isEmpty();
    }

    @Test
    void aRefusedOneFailsWithItsExplanation() {
        KeyReference refused = KeyReference.refused("an account", "paste the ARN");

        assertThat(refused.kekId()).isEmpty();
        assertThatThrownBy(refused::required)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("this looks like an account; paste the ARN");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"name", " name\n", "\"name\",", "\u2018name\u2019.", "(name)", "[\"name\"]", "\ufeffname\u200b"})
    void whatPastingAddsIsTakenAway(String pasted) {
        assertThat(PastedText.of(pasted).text()).isEqualTo("name");
    }

    @ParameterizedTest
    @ValueSource(strings = {".", ",", ".,", "x.", "\u200b"})
    void theLongestTextNeedsNoDeepStack(String part) throws Exception {
        String longest = part.repeat(KeyReference.MAX_CHARACTERS / part.length());
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread shallow = new Thread(null, () -> PastedText.of(longest), "shallow", 128 * 1024);
        shallow.setUncaughtExceptionHandler((thread, e) -> failure.set(e));
        shallow.start();
        shallow.join();

        assertThat(failure.get()).isNull();
    }

    @Test
    void nothingIsTakenOutOfTheMiddle() {
        assertThat(PastedText.of("a\u200bb").text()).isEqualTo("a\u200bb");
        assertThat(PastedText.of("a\u200bb").isBroken()).isTrue();
        assertThat(PastedText.of("a b").isBroken()).isTrue();
        assertThat(PastedText.of("a-b").isBroken()).isFalse();
    }

    @Test
    void escapesAreUndoneOnceAndOnlyWhereTheyAreSome() {
        assertThat(PastedText.of("a%2Fb+c").decoded()).isEqualTo("a/b+c");
        assertThat(PastedText.of("a%252Fb").decoded()).isEqualTo("a%2Fb");
        assertThat(PastedText.of("100%zz").decoded()).isEqualTo("100%zz");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-----BEGIN RSA PRIVATE KEY-----\nhush",
                "{\"private_key\":\"hush\"}",
                "id AKIAIOSFODNN7EXAMPLE hush",
                "ya29.hushhushhushhush",
                "eyJhdWQiOiJodXNo.eyJhdWQiOiJodXNo.hush",
                "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
            })
    void secretsAreRecognisedInEveryCloudAndNotRepeated(String pasted) {
        for (String cloud : List.of("AWS", "Google Cloud", "Azure")) {
            String explanation = PastedText.of(pasted)
                    .mistake(cloud, "paste the name")
                    .orElseThrow()
                    .explanation();

            assertThat(explanation).contains("do not send it").doesNotContain("hush", "AKIA", "wJalr");
        }
        assertThat(PastedText.of(pasted).toString()).doesNotContain("hush");
    }
}
