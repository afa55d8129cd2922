package io.keywrap.recovery;

import io.keywrap.AuthenticationFailedException;
import io.keywrap.Dek;
import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.KeywrapException;
import io.keywrap.TruncatedEnvelopeException;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.WrappedDek;
import io.keywrap.crypto.Jca;
import io.keywrap.envelope.EnvelopeHeader;
import io.keywrap.floe.FloeMessage;
import io.keywrap.floe.FloeMessage.Keyed;
import io.keywrap.floe.FloeParameters;
import io.keywrap.proof.CheckValue;
import io.keywrap.provider.KeyProviders;
import io.keywrap.recovery.Finding.Kind;
import io.keywrap.recovery.StoreRecovery.EnvelopeSource;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Takes DEKs out of portable envelopes: those alone whose every allowed wrap unwraps to one key that proves the envelope's
 * header. For one thread.
 */
final class EnvelopeProof {
    private final KeyProviders providers;
    private final Set<KekId> allowed;
    private final Consumer<Finding> findings;
    private final Map<String, FoundKeychain> keychains = new TreeMap<>();
    private final Map<KekId, KekException> unusable = new HashMap<>();

    EnvelopeProof(KeyProviders providers, Set<KekId> allowed, Consumer<Finding> findings) {
        this.providers = providers;
        this.allowed = Set.copyOf(allowed);
        this.findings = findings;
    }

    Collection<FoundKeychain> keychains() {
        return keychains.values();
    }

    void add(EnvelopeSource envelope) {
        try (InputStream in = new BufferedInputStream(envelope.open())) {
            EnvelopeHeader header = EnvelopeHeader.read(in);
            byte[] floeHeader = in.readNBytes(FloeParameters.HEADER_BYTES);
            if (floeHeader.length < FloeParameters.HEADER_BYTES) {
                throw new TruncatedEnvelopeException("it ends inside of its payload's header");
            }
            FloeParameters.parse(floeHeader);
            if (header.keychainId().equals(StoreExport.KEYCHAIN_ID)) {
                throw new UnsupportedEnvelopeException("it is an export of a store; to do: import it instead");
            }
            add(envelope.name(), header, floeHeader);
        } catch (KekException e) {
            if (e.retryable()) {
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

    private void add(String name, EnvelopeHeader header, byte[] floeHeader) {
        List<WrappedDek> wraps = header.recipients().stream()
                .filter(wrap -> wrap.dekId().equals(header.dekId()) && allowed.contains(wrap.kekId()))
                .toList();
        if (wraps.isEmpty()) {
            throw new InvalidWrappedDekException(
                    KekException.Failure.ofUnknownKek("it carries no wrap of its DEK under a KEK that was named")
                            .operatorAction(
                                    header.recipients().isEmpty()
                                            ? "it is not portable; import an export of the store"
                                            : "name its KEK"));
        }
        FoundKeychain keychain = keychains.get(header.keychainId());
        FoundDek known = keychain == null ? null : keychain.deks.get(header.dekId());
        if (keychain != null
                && known != null
                && known.wraps.equals(wraps)
                && keychain.keyContext.equals(header.keyContext())) {
            return; // The same wraps hold the same key.
        }
        FoundDek proven = new FoundDek(header.dekId(), prove(header, wraps, floeHeader), wraps);
        if (keychain != null && !keychain.keyContext.equals(header.keyContext())) {
            throw contradiction("an envelope before it names another key context of the keychain");
        }
        if (known != null && !known.checkValue.equals(proven.checkValue)) {
            throw contradiction("an envelope before it has another key under the same DEK id");
        }
        if (known != null) {
            proven = known.with(wraps);
        } else {
            reportLeftOut(name, header, wraps);
        }
        keychains
                .computeIfAbsent(header.keychainId(), id -> new FoundKeychain(id, header.keyContext()))
                .deks
                .put(header.dekId(), proven);
    }

    /** Unwraps them all, so that no KEK loses its veto because another one opens the DEK. */
    private String prove(EnvelopeHeader header, List<WrappedDek> wraps, byte[] floeHeader) {
        EncryptionContext context = EncryptionContext.ofDek(header.keychainId(), header.dekId(), header.keyContext());
        byte[] aad = header.associatedData();
        String checkValue = "";
        for (WrappedDek wrap : wraps) {
            try (Dek dek = unwrap(wrap, context)) {
                // A key that proves the header is the one that the payload was encrypted with: the tag commits to it.
                dek.withBytes(key -> FloeMessage.startDecryption(new Keyed(key, aad), floeHeader, Jca.platform()))
                        .close();
                checkValue = CheckValue.of(dek);
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
            if (!taken.contains(wrap)) {
                findings.accept(Finding.ofDek(
                        Kind.WRAP_LEFT_OUT,
                        name,
                        header.dekId(),
                        "the envelope also names KEK " + wrap.kekId()
                                + ", which was not given; if it is a customer's, its owner loses the veto"));
            }
        }
    }

    private static AuthenticationFailedException contradiction(String what) {
        return new AuthenticationFailedException(
                AuthenticationFailedException.Check.DEK, what + "; to do: find out which of them is genuine");
    }

    /** What envelopes told of one keychain. */
    static final class FoundKeychain {
        final String id;
        final EncryptionContext keyContext;
        final Map<DekId, FoundDek> deks = new LinkedHashMap<>();

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
     * @param wraps its wraps, each of which was unwrapped
     */
    record FoundDek(DekId id, String checkValue, List<WrappedDek> wraps) {
        /** Of two wraps under one KEK the first is as good as the second. */
        FoundDek with(List<WrappedDek> more) {
            List<WrappedDek> all = new ArrayList<>(wraps);
            for (WrappedDek wrap : more) {
                if (all.stream().noneMatch(known -> known.kekId().equals(wrap.kekId()))) {
                    all.add(wrap);
                }
            }
            return new FoundDek(id, checkValue, List.copyOf(all));
        }
    }
}
