package io.keywrap.store;

import io.keywrap.DekId;
import io.keywrap.EncryptionContext;
import io.keywrap.InvalidWrappedDekException;
import io.keywrap.KekId;
import io.keywrap.UnsupportedEnvelopeException;
import io.keywrap.WrappedDek;
import io.keywrap.codec.Canonical;
import io.keywrap.store.KeychainRecord.Recipient;
import io.keywrap.store.KeychainRecord.Role;
import io.keywrap.store.KeychainRecord.State;
import io.keywrap.store.KeychainRecord.Usage;
import io.keywrap.store.KeychainRecord.Wrap;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the seal of a record covers, and its canonical encoding. */
final class KeychainRecordBody {
    private static final byte[] MAGIC = {'K', 'W', 'K', 'C'};
    private static final int VERSION = 1;
    private static final int CHECK_VALUE_BYTES = 32;

    /** Each constant is written as its place in its list, so no list ever changes but by growing. */
    private static final List<Role> ROLES = List.of(Role.CONTROL, Role.REPLICA, Role.RETAINED);

    private static final List<Usage> USAGES = List.of(Usage.ENVELOPES, Usage.OUTSIDE);
    private static final List<KeyManagement> KEY_MANAGEMENTS = List.of(KeyManagement.VENDOR, KeyManagement.CUSTOMER);
    private static final List<State> STATES = List.of(State.PRIMARY, State.DECRYPT_ONLY, State.DESTROYED);

    private final String keychainId;
    private final long revision;
    private final Instant createdAt;
    private final boolean portable;
    private final KeyManagement keyManagement;
    private final boolean migratable;
    private final EncryptionContext keyContext;
    private final List<Recipient> recipients;
    private final int writeQuorum;
    private final List<DekEntry> deks;
    private final Map<DekId, DekEntry> byId = new HashMap<>();
    private final WrappedDek sealKey;

    KeychainRecordBody(Draft draft) {
        this.keychainId = draft.keychainId;
        this.revision = draft.revision;
        this.createdAt = Instant.ofEpochMilli(draft.createdAt.toEpochMilli());
        this.portable = draft.portable;
        this.keyManagement = draft.keyManagement;
        this.migratable = draft.migratable;
        this.keyContext = draft.keyContext;
        this.recipients = draft.recipients;
        this.writeQuorum = draft.writeQuorum;
        this.deks = draft.deks;
        if (draft.sealKey == null) {
            throw new IllegalArgumentException("a record has a seal key");
        }
        this.sealKey = draft.sealKey;
        requireConsistent();
    }

    private void requireConsistent() {
        require(createdAt.toEpochMilli() >= 0, "a keychain was not made before 1970");
        require(revision >= 1, "a revision is 1 or more");
        require(
                recipients.size() >= 1 && recipients.size() <= KeychainRecord.MAX_WRAPS,
                "a keychain has 1 to " + KeychainRecord.MAX_WRAPS + " recipients");
        require(
                recipients.stream().map(Recipient::kekId).distinct().count() == recipients.size(),
                "a KEK is a recipient twice");
        require(
                writeQuorum == 0 || (writeQuorum >= count(true) && writeQuorum <= count(false)),
                "a write quorum has every CONTROL KEK, and no more than the CONTROL and REPLICA KEKs");
        require(!deks.isEmpty() && deks.size() <= KeychainRecord.MAX_DEKS, "a keychain has 1 to 65,535 DEKs");
        Set<Usage> primaries = EnumSet.noneOf(Usage.class);
        for (DekEntry entry : deks) {
            require(byId.put(entry.id(), entry) == null, "a DEK id stands twice");
            require(entry.state() != State.PRIMARY || primaries.add(entry.usage()), "two DEKs are primary for one use");
            require(entry.createdAt().toEpochMilli() >= 0, "a DEK was not made before 1970");
        }
    }

    private long count(boolean controlAlone) {
        return recipients.stream()
                .filter(recipient ->
                        recipient.role() == Role.CONTROL || (!controlAlone && recipient.role() == Role.REPLICA))
                .count();
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new IllegalArgumentException(rule);
        }
    }

    static KeychainRecordBody parse(byte[] encoded) {
        Canonical.Reader in = new Canonical.Reader(encoded);
        try {
            if (!Arrays.equals(in.bytes("magic", MAGIC.length), MAGIC)) {
                throw new Canonical.Malformed("it does not begin with KWKC");
            }
            long version = in.unsigned("version", 1);
            if (version != VERSION) {
                throw new UnsupportedEnvelopeException("the record of a keychain has version " + version
                        + ", this release reads " + VERSION + "; to do: use a newer release");
            }
            Draft draft = new Draft(in.keychainId(), Instant.EPOCH);
            draft.revision = in.unsigned("revision", 8);
            draft.createdAt = Instant.ofEpochMilli(in.unsigned("creation", 8));
            draft.portable = in.limited("portable flag", 1, 1) == 1;
            draft.keyManagement = constant(in, "key management", KEY_MANAGEMENTS);
            draft.migratable = in.limited("migratable flag", 1, 1) == 1;
            draft.keyContext =
                    EncryptionContext.parse(in.sized("key context", EncryptionContext.MAX_KEY_CONTEXT_BYTES));
            draft.recipients = parseRecipients(in);
            draft.writeQuorum = in.limited("write quorum", 1, KeychainRecord.MAX_WRAPS);
            draft.deks = parseDeks(in);
            draft.sealKey = WrappedDek.parse(in.sized("seal key", WrappedDek.MAX_BYTES));
            in.end();
            KeychainRecordBody body = new KeychainRecordBody(draft);
            require(Arrays.equals(body.toBytes(), encoded), "it is not in canonical form");
            return body;
        } catch (Canonical.Malformed | InvalidWrappedDekException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static List<Recipient> parseRecipients(Canonical.Reader in) throws Canonical.Malformed {
        int count = in.limited("recipient count", 1, KeychainRecord.MAX_WRAPS);
        List<Recipient> recipients = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Role role = constant(in, "role", ROLES);
            KekId kekId = KekId.of(in.text("recipient", KekId.MAX_BYTES));
            long until = in.unsigned("time of a recipient", 8);
            recipients.add(new Recipient(
                    role, kekId, until == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(until))));
        }
        return List.copyOf(recipients);
    }

    private static List<DekEntry> parseDeks(Canonical.Reader in) throws Canonical.Malformed {
        int count = in.limited("DEK count", 2, KeychainRecord.MAX_DEKS);
        List<DekEntry> deks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            DekId id = DekId.of(in.bytes("DEK id", DekId.BYTES));
            Usage usage = constant(in, "usage", USAGES);
            State state = constant(in, "state", STATES);
            Instant createdAt = Instant.ofEpochMilli(in.unsigned("DEK creation", 8));
            String checkValue = HexFormat.of().formatHex(in.bytes("check value", CHECK_VALUE_BYTES));
            deks.add(new DekEntry(id, usage, state, createdAt, checkValue, parseWraps(in)));
        }
        return List.copyOf(deks);
    }

    private static List<Wrap> parseWraps(Canonical.Reader in) throws Canonical.Malformed {
        int count = in.limited("wrap count", 1, KeychainRecord.MAX_WRAPS);
        List<Wrap> wraps = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Role role = constant(in, "role", ROLES);
            wraps.add(new Wrap(role, WrappedDek.parse(in.sized("wrap", WrappedDek.MAX_BYTES))));
        }
        return wraps;
    }

    private static <E> E constant(Canonical.Reader in, String field, List<E> constants) throws Canonical.Malformed {
        return constants.get(in.limited(field, 1, constants.size() - 1));
    }

    byte[] toBytes() {
        Canonical.Writer out = new Canonical.Writer()
                .bytes(MAGIC)
                .unsigned(VERSION, 1)
                .text(keychainId)
                .unsigned(revision, 8)
                .unsigned(createdAt.toEpochMilli(), 8)
                .unsigned(portable ? 1 : 0, 1)
                .unsigned(KEY_MANAGEMENTS.indexOf(keyManagement), 1)
                .unsigned(migratable ? 1 : 0, 1)
                .sized(keyContext.toBytes())
                .unsigned(recipients.size(), 1);
        recipients.forEach(recipient -> out.unsigned(ROLES.indexOf(recipient.role()), 1)
                .text(recipient.kekId().uri())
                .unsigned(recipient.until().map(Instant::toEpochMilli).orElse(0L), 8));
        out.unsigned(writeQuorum, 1);
        out.unsigned(deks.size(), 2);
        deks.forEach(entry -> write(entry, out));
        return out.sized(sealKey.toBytes()).toBytes();
    }

    private static void write(DekEntry entry, Canonical.Writer out) {
        out.bytes(entry.id().toBytes())
                .unsigned(USAGES.indexOf(entry.usage()), 1)
                .unsigned(STATES.indexOf(entry.state()), 1)
                .unsigned(entry.createdAt().toEpochMilli(), 8)
                .bytes(HexFormat.of().parseHex(entry.checkValue()))
                .unsigned(entry.wraps().size(), 1);
        entry.wraps()
                .forEach(wrap -> out.unsigned(ROLES.indexOf(wrap.role()), 1)
                        .sized(wrap.wrapped().toBytes()));
    }

    String keychainId() {
        return keychainId;
    }

    long revision() {
        return revision;
    }

    Instant createdAt() {
        return createdAt;
    }

    boolean portable() {
        return portable;
    }

    KeyManagement keyManagement() {
        return keyManagement;
    }

    boolean migratable() {
        return migratable;
    }

    EncryptionContext keyContext() {
        return keyContext;
    }

    List<Recipient> recipients() {
        return recipients;
    }

    int writeQuorum() {
        return writeQuorum;
    }

    List<DekEntry> deks() {
        return deks;
    }

    Optional<DekEntry> dek(DekId dekId) {
        return Optional.ofNullable(byId.get(dekId));
    }

    WrappedDek sealKey() {
        return sealKey;
    }

    /** A body in the making. */
    static final class Draft {
        final String keychainId;
        Instant createdAt;
        long revision = 1;
        boolean portable;
        KeyManagement keyManagement = KeyManagement.CUSTOMER;
        boolean migratable;
        EncryptionContext keyContext = EncryptionContext.empty();
        List<Recipient> recipients = List.of();
        int writeQuorum;
        List<DekEntry> deks = List.of();

        @Nullable
        WrappedDek sealKey;

        Draft(String keychainId, Instant createdAt) {
            this.keychainId = keychainId;
            this.createdAt = createdAt;
        }

        Draft(KeychainRecordBody body) {
            this(body.keychainId, body.createdAt);
            revision = body.revision + 1;
            portable = body.portable;
            keyManagement = body.keyManagement;
            migratable = body.migratable;
            keyContext = body.keyContext;
            recipients = body.recipients;
            writeQuorum = body.writeQuorum;
            deks = body.deks;
            sealKey = body.sealKey;
        }
    }
}
