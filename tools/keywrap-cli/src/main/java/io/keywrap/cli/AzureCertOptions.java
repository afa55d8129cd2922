package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.azure.ApplicationCertificate;
import io.keywrap.azure.ApplicationCertificates;
import io.keywrap.stream.EnvelopeCipher;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which certificates, under which keychain, and where the one to upload goes. */
final class AzureCertOptions {
    @Mixin
    private KeychainOptions keychain = new KeychainOptions();

    @Option(
            names = "--tenant",
            required = true,
            paramLabel = "UUID",
            description = "The directory (tenant) id that the application is registered in. Required.")
    private String tenant = "";

    @Option(
            names = "--client",
            required = true,
            paramLabel = "UUID",
            description = "The application (client) id. Required.")
    private String client = "";

    @Option(
            names = "--pem",
            paramLabel = "OUT",
            description = "Write the certificate to upload to this new file, in PEM. Default: it is only printed.")
    private Optional<Path> pem = Optional.empty();

    @Option(
            names = "--der",
            paramLabel = "OUT",
            description = "Write the certificate to upload to this new file, in DER. Default: it is only printed.")
    private Optional<Path> der = Optional.empty();

    @Parameters(paramLabel = "FILE", description = "The certificates with their private keys, which are encrypted.")
    private Path file = Path.of("");

    Path file() {
        return file;
    }

    /** Refuses what cannot be written, before anything is made. */
    void check(KeywrapCommand root, boolean fileIsNew) throws IOException {
        Kept kept = Kept.of(root, Optional.of(keychain.store()));
        List<Path> fresh = new ArrayList<>();
        pem.ifPresent(fresh::add);
        der.ifPresent(fresh::add);
        if (fileIsNew) {
            fresh.add(file);
        }
        for (Path out : fresh) {
            Path folder = out.toAbsolutePath().getParent();
            if (folder == null || !Files.isDirectory(folder)) {
                throw new NoSuchFileException(String.valueOf(folder));
            }
            if (Files.exists(out, LinkOption.NOFOLLOW_LINKS)) {
                throw new FileAlreadyExistsException(out.toString());
            }
            kept.refuse(out);
        }
        if (fresh.stream()
                        .map(Path::toAbsolutePath)
                        .map(Path::normalize)
                        .distinct()
                        .count()
                < fresh.size()) {
            throw new UsageException("FILE, --pem and --der must be different files");
        }
    }

    ApplicationCertificates.Builder builder(Session session) {
        try {
            return ApplicationCertificates.builder(EnvelopeCipher.using(keychain.open(session)))
                    .tenantId(tenant)
                    .clientId(client);
        } catch (IllegalArgumentException e) {
            throw new UsageException(e.getMessage());
        }
    }

    /** Writes and prints the certificate to upload: the next one, else the current one. */
    void report(KeywrapCommand root, ApplicationCertificates certificates, Instant now) throws IOException {
        ApplicationCertificate upload = certificates.next().orElse(certificates.current());
        if (pem.isPresent()) {
            Files.writeString(pem.get(), upload.toPem(), StandardOpenOption.CREATE_NEW);
        }
        if (der.isPresent()) {
            Files.write(der.get(), upload.toDer(), StandardOpenOption.CREATE_NEW);
        }
        root.result(toJson(certificates, now), lines(certificates, now).toArray(String[]::new));
    }

    private JsonObject toJson(ApplicationCertificates certificates, Instant now) {
        JsonObject result = new JsonObject();
        result.addProperty("file", file.toString());
        result.addProperty("keychain", keychain.id());
        result.addProperty("tenant", certificates.current().tenantId());
        result.addProperty("client", certificates.current().clientId());
        result.addProperty("daysLeft", certificates.daysLeft());
        result.add("current", one(certificates.current(), now));
        certificates.next().ifPresent(next -> result.add("next", one(next, now)));
        certificates.previous().ifPresent(previous -> result.add("previous", one(previous, now)));
        return result;
    }

    private static JsonObject one(ApplicationCertificate certificate, Instant now) {
        JsonObject one = new JsonObject();
        one.addProperty("sha1", certificate.sha1Thumbprint());
        one.addProperty("sha256", certificate.sha256Thumbprint());
        one.addProperty("notBefore", certificate.notBefore().toString());
        one.addProperty("expiresAt", certificate.expiresAt().toString());
        one.addProperty("daysLeft", certificate.daysLeft(now));
        one.addProperty("pem", certificate.toPem());
        return one;
    }

    private List<String> lines(ApplicationCertificates certificates, Instant now) {
        List<String> lines = new ArrayList<>();
        lines.add("application  " + certificates.current().clientId() + " in tenant "
                + certificates.current().tenantId());
        lines.add("file         " + file + ", encrypted under keychain '" + keychain.id() + "'");
        addLines(lines, "current", certificates.current(), now);
        certificates.next().ifPresent(next -> addLines(lines, "next", next, now));
        certificates.previous().ifPresent(previous -> addLines(lines, "previous", previous, now));
        certificates.next().orElse(certificates.current()).toPem().lines().forEach(lines::add);
        return lines;
    }

    private static void addLines(List<String> lines, String state, ApplicationCertificate certificate, Instant now) {
        lines.add("%-12s valid until %s, %d days left"
                .formatted(state, certificate.expiresAt(), certificate.daysLeft(now)));
        lines.add("  SHA-1      " + certificate.sha1Thumbprint());
        lines.add("  SHA-256    " + certificate.sha256Thumbprint());
    }
}
