package io.keywrap.aws;

import io.keywrap.emulators.AwsKmsEmulator;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The settings that the AWS SDK finds by itself, as an operator gives them; here by system properties, for one test. */
final class SdkSettings implements AutoCloseable {
    private final Map<String, @Nullable String> before = new HashMap<>();

    /** Calls go to the emulator. */
    static SdkSettings of(AwsKmsEmulator emulator) {
        SdkSettings settings = new SdkSettings();
        settings.set("aws.endpointUrlKms", emulator.endpoint().toString());
        settings.set("aws.endpointUrlSts", emulator.endpoint().toString());
        settings.set("aws.accessKeyId", "AKIATEST");
        settings.set("aws.secretAccessKey", "secret");
        return settings;
    }

    void set(String name, String value) {
        before.put(name, System.getProperty(name));
        System.setProperty(name, value);
    }

    @Override
    public void close() {
        before.forEach((name, value) -> {
            if (value == null) {
                System.clearProperty(name);
            } else {
                System.setProperty(name, value);
            }
        });
    }
}
