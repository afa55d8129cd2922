package io.keywrap;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;

/** Each package imports only what stands to its left in docs/decisions/0001-internal-packages.md. */
@AnalyzeClasses(packages = "io.keywrap", importOptions = ImportOption.DoNotIncludeTests.class)
class LayeringTest {
    @ArchTest
    static final ArchRule PACKAGES_IMPORT_ONLY_TO_THEIR_LEFT = Architectures.layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("io.keywrap..")
            .layer("codec")
            .definedBy("io.keywrap.codec")
            .layer("crypto")
            .definedBy("io.keywrap.crypto")
            .layer("file")
            .definedBy("io.keywrap.file")
            .layer("vocabulary")
            .definedBy("io.keywrap")
            .layer("provider")
            .definedBy("io.keywrap.provider")
            .layer("keystore")
            .definedBy("io.keywrap.keystore")
            .layer("store")
            .definedBy("io.keywrap.store")
            .layer("proof")
            .definedBy("io.keywrap.proof")
            .layer("keychain")
            .definedBy("io.keywrap.keychain")
            .layer("floe")
            .definedBy("io.keywrap.floe")
            .layer("envelope")
            .definedBy("io.keywrap.envelope")
            .layer("stream")
            .definedBy("io.keywrap.stream")
            .layer("recovery")
            .definedBy("io.keywrap.recovery")
            .layer("revocation")
            .definedBy("io.keywrap.revocation")
            .layer("byok")
            .definedBy("io.keywrap.byok")
            .layer("rewrap")
            .definedBy("io.keywrap.rewrap")
            .layer("onboarding")
            .definedBy("io.keywrap.onboarding")
            .whereLayer("codec")
            .mayNotAccessAnyLayer()
            .whereLayer("crypto")
            .mayNotAccessAnyLayer()
            .whereLayer("file")
            .mayNotAccessAnyLayer()
            .whereLayer("vocabulary")
            .mayOnlyAccessLayers("codec", "crypto")
            .whereLayer("provider")
            .mayOnlyAccessLayers("vocabulary", "codec", "crypto")
            .whereLayer("keystore")
            .mayOnlyAccessLayers("vocabulary", "provider", "crypto", "file")
            .whereLayer("store")
            .mayOnlyAccessLayers("vocabulary", "codec", "crypto", "file")
            .whereLayer("proof")
            .mayOnlyAccessLayers("vocabulary", "provider", "store", "crypto")
            .whereLayer("keychain")
            .mayOnlyAccessLayers("vocabulary", "codec", "provider", "store", "proof")
            .whereLayer("floe")
            .mayOnlyAccessLayers("vocabulary", "crypto")
            .whereLayer("envelope")
            .mayOnlyAccessLayers("vocabulary", "codec")
            .whereLayer("stream")
            .mayOnlyAccessLayers(
                    "vocabulary", "provider", "store", "proof", "keychain", "envelope", "floe", "crypto", "file")
            .whereLayer("recovery")
            .mayOnlyAccessLayers(
                    "vocabulary", "provider", "store", "proof", "keychain", "envelope", "floe", "stream", "crypto")
            .whereLayer("revocation")
            .mayOnlyAccessLayers("vocabulary", "codec", "provider", "store", "proof", "keychain")
            .whereLayer("rewrap")
            .mayOnlyAccessLayers(
                    "vocabulary",
                    "codec",
                    "crypto",
                    "file",
                    "provider",
                    "store",
                    "proof",
                    "keychain",
                    "floe",
                    "envelope",
                    "stream",
                    "recovery",
                    "revocation",
                    "byok")
            .whereLayer("byok")
            .mayOnlyAccessLayers(
                    "vocabulary", "codec", "crypto", "file", "provider", "store", "proof", "envelope", "stream")
            .whereLayer("onboarding")
            .mayOnlyAccessLayers("vocabulary", "codec", "provider");

    @ArchTest
    static final ArchRule PACKAGES_HAVE_NO_CYCLES =
            SlicesRuleDefinition.slices().matching("io.keywrap.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule CRYPTOGRAPHY_GOES_THROUGH_ONE_SEAM = noClasses()
            .that()
            .resideOutsideOfPackages("io.keywrap.crypto", "io.keywrap.keystore")
            .should()
            .dependOnClassesThat()
            .haveNameMatching("javax\\.crypto\\.(Cipher|Mac|KeyGenerator|spec\\..*)|java\\.security\\.SecureRandom");

    @ArchTest
    static final ArchRule NOTHING_PRINTS = noClasses()
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err")
            .orShould()
            .callMethod(Throwable.class, "printStackTrace");
}
