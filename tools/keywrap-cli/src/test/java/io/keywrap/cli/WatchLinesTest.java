package io.keywrap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.keywrap.KekId;
import io.keywrap.emulators.AwsFault;
import io.keywrap.keychain.KeychainSeal;
import io.keywrap.provider.KekEvent;
import io.keywrap.provider.KekEvent.DeadlineNear;
import io.keywrap.provider.KekEvent.Ending;
import io.keywrap.provider.KekEvent.EventsDropped;
import io.keywrap.provider.KekEvent.OwnFault;
import io.keywrap.provider.KekEvent.ServiceOutage;
import io.keywrap.provider.KekEvent.StateChanged;
import io.keywrap.revocation.Drill;
import io.keywrap.revocation.KekMonitor;
import io.keywrap.store.FileKeychainStore;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A line for each event, with what whoever is on call needs to know. */
class WatchLinesTest {
    private static final KekId KEK = KekId.of("aws-kms://arn:aws:kms:eu-west-1:111122223333:key/1");
    private static final Instant DAY = Instant.parse("2126-01-08T00:00:00Z");

    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private AwsRun aws;
    private StoreInAws store;

    @BeforeEach
    void start() {
        aws = new AwsRun(folder);
        store = new StoreInAws(aws).with("a");
    }

    @AfterEach
    void end() {
        aws.close();
    }

    private WatchLines lines(String... options) {
        Host host = new Host(
                System.in,
                out,
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                Map.of(),
                label -> null,
                false,
                Optional.empty());
        KeywrapCommand root = new KeywrapCommand(host);
        new CommandLine(root).parseArgs(options);
        return new WatchLines(root, () -> {});
    }

    private List<String> printed() {
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    /** What a real KMS makes of it, told to lines that have begun. */
    private List<String> print(KekEvent event, String... options) {
        out.reset();
        WatchLines lines = lines(options);
        begin(lines);
        lines.onEvent(event);
        return printed().subList(1, printed().size());
    }

    private void begin(WatchLines lines) {
        try (Session session = Session.open(new KeywrapCommand(Host.ofProcess()));
                KekMonitor monitor = KekMonitor.builder(
                                FileKeychainStore.open(folder.resolve("store")), session.providers())
                        .seal(KeychainSeal.wrappedBy(KekId.of(aws.seal())))
                        .build()) {
            lines.begin(StorePlace.of("store"), KekId.of(aws.seal()), monitor);
        }
    }

    /** Asks the customer's KEK, and gives what has changed by that. */
    private StateChanged change() {
        List<KekEvent> events = new CopyOnWriteArrayList<>();
        try (Session session = Session.open(new KeywrapCommand(Host.ofProcess()), to -> to.listener(events::add))) {
            Drill.builder(FileKeychainStore.open(folder.resolve("store")), session.providers())
                    .seal(KeychainSeal.wrappedBy(KekId.of(aws.seal())))
                    .build()
                    .run();
        }
        return events.stream()
                .filter(StateChanged.class::isInstance)
                .map(StateChanged.class::cast)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aWithdrawalHasStatesReasonCodeAndWhatToDo() {
        aws.customer.disable();
        StateChanged change = change();

        assertThat(print(change))
                .singleElement()
                .asString()
                .contains(
                        aws.kek() + "  version " + aws.customer.currentKeyMaterialId(),
                        "ACTIVE → REVOKED  DISABLED  code DisabledException  to do: ");
        JsonObject json = JsonParser.parseString(print(change, "--json").get(0)).getAsJsonObject();
        assertThat(json.get("event").getAsString()).isEqualTo("state");
        assertThat(json.get("before").getAsString()).isEqualTo("ACTIVE");
        assertThat(json.get("after").getAsString()).isEqualTo("REVOKED");
        assertThat(json.keySet()).contains("time", "kek", "version", "since", "reason", "code", "message", "toDo");
    }

    @Test
    void aDeletionHasItsDay() {
        aws.customer.scheduleDeletion(Duration.ofDays(7));

        assertThat(print(change(), "--json").get(0)).contains("\"reason\":\"PENDING_DELETION\"", "\"deletion\":\"");
    }

    @Test
    void anOutageIsAChangeOfReachAlone() {
        aws.emulator.injectAlways(AwsFault.error(503, "ServiceUnavailableException", "")
                .on("Decrypt")
                .of(aws.customer));

        assertThat(print(change()))
                .singleElement()
                .asString()
                .contains("ANSWERS → UNREACHABLE", "to do: ")
                .doesNotContain("ACTIVE", "REVOKED");
    }

    @Test
    void nothingComesBeforeTheLineThatSaysWhatIsWatched() {
        aws.customer.disable();
        StateChanged change = change();
        WatchLines lines = lines();

        lines.onEvent(change);
        assertThat(printed()).isEmpty();
        begin(lines);
        assertThat(printed()).hasSize(2);
        assertThat(printed().get(0)).contains("watching ");
        assertThat(printed().get(1)).contains("REVOKED");
    }

    @Test
    void aMistakeOfOursSaysThatItIsUs() {
        OwnFault fault = new OwnFault(KEK, 5, 3, true, DAY, "see to the credentials");

        assertThat(print(fault))
                .singleElement()
                .asString()
                .contains(
                        KEK + "  IT IS US  5 KEKs of 3 owners denied, and that of the seals since " + DAY,
                        "to do: see to the credentials");
        assertThat(print(fault, "--json").get(0)).contains("\"event\":\"ownFault\"", "\"owners\":3");
    }

    @Test
    void aDayThatIsNearHasWhatDependsOnIt() {
        DeadlineNear near = new DeadlineNear(KEK, "", Ending.EXPIRY, DAY, 1, 4);

        assertThat(print(near))
                .singleElement()
                .asString()
                .contains(KEK + "  version -  EXPIRY on " + DAY + "  1 keychain with 4 DEKs", "to do: ");
        assertThat(print(near, "--json").get(0)).contains("\"event\":\"deadline\"", "\"deks\":4");
    }

    @Test
    void aServiceThatIsOutOfReachIsTold() {
        assertThat(print(new ServiceOutage(KEK, "aws-kms/eu-west-1", 12, false)).get(0))
                .contains("aws-kms/eu-west-1  OUT OF REACH  12 KEKs silent", "to do: ");
        assertThat(print(new ServiceOutage(KEK, "aws-kms/eu-west-1", 12, true)).get(0))
                .contains("aws-kms/eu-west-1  answers again");
        assertThat(print(new ServiceOutage(KEK, "aws-kms/eu-west-1", 12, true), "--json")
                        .get(0))
                .contains("\"event\":\"outage\"", "\"over\":true");
    }

    @Test
    void eventsThatWereDroppedAreCounted() {
        assertThat(print(new EventsDropped(KEK, 25)).get(0)).contains("25 EVENTS LOST", "to do: ");
        assertThat(print(new EventsDropped(KEK, 25), "--json").get(0))
                .contains("\"event\":\"dropped\"", "\"events\":25");
    }

    @Test
    void whatCouldSteerATerminalIsNotPrinted() {
        assertThat(print(new ServiceOutage(KEK, "aws\u001b[2J", 12, true)).get(0))
                .contains("aws?[2J");
    }
}
