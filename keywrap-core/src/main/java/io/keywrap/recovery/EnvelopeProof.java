package io.keywrap.recovery;

import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekConfigurationException;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KeywrapException;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.WrappedDek;
import io.keywrap.crypto.Jca;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.floe.FloeMessage;
import io.keywrap.floe.FloeMessage.Keyed;
import io.keywrap.floe.FloeParameters;
import io.keywrap.provider.KeyProviders;
import io.keywrap.recovery.Finding.Kind;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Takes DEKs out of portable envelopes: those alone that are wrapped under every KEK named for their keychain, where each of
 * these wraps unwraps to the key that proves the envelope's header. For one thread.
 */
final class EnvelopeProof {
    private final KeyProviders providers;
    private final Jca jca;
    private final Map<String, Set<KekId>> controlKeks;
    private final Consumer<Finding> findings;
    private final Map<String, FoundKeychain> keychains = new TreeMap<>();
    private final Map<KekId, KekException> unusable = new HashMap<>();
    private final Set<WrappedDek> leftOut = new HashSet<>();

    EnvelopeProof(KeyProviders providers, Map<String, Set<KekId>> controlKeks, Consumer<Finding> findings) {
        this.providers = providers;
        this.jca = Jca.of(providers.cryptoProvider());
        this.controlKeks = Map.copyOf(controlKeks);
        this.findings = findings;
    }

    Collection<FoundKeychain> keychains() {
        return keychains.values();
    }

    void add(EnvelopeSource envelope) {
        try {
            Head head = Head.read(envelope);
            String keychainId = head.header.keychainId();
            if (keychainId.equals(StoreExport.KEYCHAIN_ID)) {
                throw new UnsupportedEnvelopeException("it is an export of a store; to do: import it instead");
            }
            if (controlKeks.containsKey(keychainId)) {
                add(envelope.name(), head);
            } else {
                findings.accept(Finding.of(
                        Kind.ENVELOPE_SKIPPED, envelope.name(), "keychain '" + keychainId + "' is not to be rebuilt"));
            }
        } catch (KekException e) {
            if (e.retryable() || e instanceof KekConfigurationException) {
                throw e;
            }
            refuse(envelope, e);
        } catch (IOException | KeywrapException e) {
            refuse(envelope, e);
        }
    }

    private void refuse(EnvelopeSource envelope, Exception why) {
        findings.accept(Finding.of(Kind.ENVELOPE_REFUSED, envelope.name(), String.valueOf(why.getMessage())));
    }

    private void add(String name, Head head) {
        EnvelopeHeader header = head.header;
        List<WrappedDek> wraps = namedWraps(header);
        reportLeftOut(name, header, wraps);
        FoundKeychain keychain = keychains.getOrDefault(
                header.keychainId(), new FoundKeychain(header.keychainId(), header.keyContext()));
        FoundDek known = keychain.deks.get(header.dekId());
        if (known != null && known.wraps.equals(wraps) && keychain.keyContext.equals(header.keyContext())) {
            return; // The same wraps hold the same key.
        }
        FoundDek proven = new FoundDek(header.dekId(), prove(head, wraps), wraps);
        keychains.put(keychain.id, keychain);
        if (!keychain.keyContext.equals(header.keyContext())) {
            keychain.contradiction = name + " names another key context than an envelope before it";
        } else if (known != null && !known.checkValue.equals(proven.checkValue)) {
            keychain.contradiction = name + " has another key as DEK " + known.id + " than an envelope before it";
        } else {
            keychain.deks.putIfAbsent(header.dekId(), proven);
        }
    }

    /** One wrap for each KEK that was named: who can change the envelope could have taken one away. */
    private List<WrappedDek> namedWraps(EnvelopeHeader header) {
        Set<KekId> missing = new HashSet<>(controlKeks.getOrDefault(header.keychainId(), Set.of()));
        List<WrappedDek> wraps = header.recipients().stream()
                .filter(wrap -> wrap.dekId().equals(header.dekId()) && missing.remove(wrap.kekId()))
                .toList();
        if (!missing.isEmpty() || wraps.isEmpty()) {
            throw new InvalidWrappedDekException(
                    KekException.Failure.ofUnknownKek(
                                    header.recipients().isEmpty()
                                            ? "it is not portable"
                                            : "it carries no wrap of its DEK under " + missing
                                                    + ": it was taken away, or the keychain had other KEKs then")
                            .operatorAction(
                                    header.recipients().isEmpty()
                                            ? "import an export of the store"
                                            : "find another copy; or, if that is right, rebuild again with the KEKs of that time"));
        }
        return wraps;
    }

    /** Unwraps them all, so that no KEK loses its veto because another one opens the DEK. */
    private String prove(Head head, List<WrappedDek> wraps) {
        EnvelopeHeader header = head.header;
        EncryptionContext context = EncryptionContext.ofDek(header.keychainId(), header.dekId(), header.keyContext());
        byte[] aad = header.associatedData();
        String checkValue = "";
        for (WrappedDek wrap : wraps) {
            try (Dek dek = unwrap(wrap, context)) {
                // A key that proves the header is the one that the payload was encrypted with: the tag commits to it.
                dek.withBytes(key -> FloeMessage.startDecryption(new Keyed(key, aad), head.floeHeader, jca))
                        .close();
                checkValue = dek.checkValue();
            }
        }
        return checkValue;
    }

    private Dek unwrap(WrappedDek wrap, EncryptionContext context) {
        KekException before = unusable.get(wrap.kekId());
        if (before != null) {
            throw before; // Not asked again for every envelope.
        }
        try {
            return providers.provider(wrap.kekId()).unwrap(wrap, context, providers.foregroundDeadline());
        } catch (InvalidWrappedDekException e) {
            throw e;
        } catch (KekException e) {
            if (!e.retryable()) {
                unusable.put(wrap.kekId(), e);
            }
            throw e;
        }
    }

    private void reportLeftOut(String name, EnvelopeHeader header, List<WrappedDek> taken) {
        for (WrappedDek wrap : header.recipients()) {
            if (!taken.contains(wrap) && leftOut.add(wrap)) {
                findings.accept(Finding.ofDek(
                        Kind.WRAP_LEFT_OUT,
                        name,
                        header.dekId(),
                        "the envelope also names KEK " + wrap.kekId()
                                + ", which was not given; if it is a customer's, its owner loses the veto"));
            }
        }
    }

    /**
     * The beginning of an envelope.
     *
     * @param header its header
     * @param floeHeader that of its payload
     */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record Head(EnvelopeHeader header, byte[] floeHeader) {
        static Head read(EnvelopeSource envelope) throws IOException {
            try (InputStream in = new BufferedInputStream(envelope.open())) {
                EnvelopeHeader header = EnvelopeHeader.read(in);
                return new Head(header, FloeParameters.readHeader(in));
            } catch (KeywrapException e) {
                throw e;
            } catch (RuntimeException e) {
                throw new IOException("reading it failed with " + e, e); // Clients of buckets throw what they like.
            }
        }
    }

    /** What envelopes told of one keychain. */
    static final class FoundKeychain {
        final String id;
        final EncryptionContext keyContext;
        final Map<DekId, FoundDek> deks = new LinkedHashMap<>();

        /** Why no envelope of it can be believed. */
        @Nullable
        String contradiction;

        private FoundKeychain(String id, EncryptionContext keyContext) {
            this.id = id;
            this.keyContext = keyContext;
        }
    }

    /**
     * A DEK that was proven.
     *
     * @param id its id
     * @param checkValue its check value
     * @param wraps its wraps, one for each KEK that was named, each of which was unwrapped
     */
    record FoundDek(DekId id, String checkValue, List<WrappedDek> wraps) {}
}
