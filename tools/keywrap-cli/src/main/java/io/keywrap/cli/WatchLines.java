package io.keywrap.cli;

import com.google.gson.JsonObject;
import io.keywrap.KekException;
import io.keywrap.KekId;
import io.keywrap.provider.KekEvent;
import io.keywrap.provider.KekEvent.DeadlineNear;
import io.keywrap.provider.KekEvent.EventsDropped;
import io.keywrap.provider.KekEvent.Operation;
import io.keywrap.provider.KekEvent.OwnFault;
import io.keywrap.provider.KekEvent.ServiceOutage;
import io.keywrap.provider.KekEvent.StateChanged;
import io.keywrap.provider.KekListener;
import io.keywrap.provider.KekStanding;
import io.keywrap.revocation.KekInventory.Unsealed;
import io.keywrap.revocation.KekMonitor;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a watch tells: a line for each event, for people or as JSON, none before the one that says what is watched. */
final class WatchLines implements KekListener {
    private static final long GROWN_PERCENT = 110;

    private final KeywrapCommand root;
    private final Runnable unread;
    private final List<Line> before = new ArrayList<>();
    private final Set<String> unsealed = new HashSet<>();
    private boolean begun;
    private Duration bound = Duration.ZERO;

    /**
     * Lines of a watch.
     *
     * @param root prints them
     * @param unread is told when nobody reads them any more
     */
    WatchLines(KeywrapCommand root, Runnable unread) {
        this.root = root;
        this.unread = unread;
    }

    private record Line(JsonObject json, String text) {}

    /** Says what is watched, and then what was heard of meanwhile. */
    synchronized void begin(StorePlace store, KekId sealKek, KekMonitor monitor) {
        JsonObject json = json("watching", Instant.now());
        json.addProperty("store", store.toString());
        json.addProperty("sealKek", sealKek.uri());
        json.addProperty("watched", monitor.watched());
        addBound(json, monitor);
        begun = true;
        print(new Line(
                json,
                "watching " + Sizes.counted(monitor.watched(), "KEK version") + " of " + store
                        + ", that of the seals included: " + boundText(monitor) + "; end it with Ctrl-C"));
        before.forEach(this::print);
        before.clear();
    }

    private void addBound(JsonObject json, KekMonitor monitor) {
        bound = monitor.bound();
        json.addProperty("boundSeconds", seconds(bound));
        json.addProperty("boundOfDenialsSeconds", seconds(monitor.boundOfDenials()));
    }

    /** Whole ones, never less. */
    private static long seconds(Duration time) {
        return time.plusMillis(999).toSeconds();
    }

    private static String boundText(KekMonitor monitor) {
        return "a withdrawal shows within " + seconds(monitor.bound()) + " s, a denial within "
                + seconds(monitor.boundOfDenials()) + " s, after the time that the cloud takes to spread it";
    }

    /** Tells what a monitor makes no events of. */
    synchronized void lookAt(KekMonitor monitor) {
        for (Unsealed one : monitor.unsealed()) {
            if (unsealed.add(one.keychainId())) {
                JsonObject json = json("unsealed", Instant.now());
                json.addProperty("keychain", one.keychainId());
                json.addProperty("reason", one.reason());
                print(new Line(json, "cannot be believed, and is not watched: " + one.reason()));
            }
        }
        if (monitor.bound().toMillis() * 100 > bound.toMillis() * GROWN_PERCENT) {
            JsonObject json = json("bound", Instant.now());
            json.addProperty("watched", monitor.watched());
            addBound(json, monitor);
            print(new Line(
                    json, Sizes.counted(monitor.watched(), "KEK version") + " are watched: " + boundText(monitor)));
        }
    }

    @Override
    public synchronized void onEvent(KekEvent event) {
        if (event instanceof StateChanged change && change.after().operation() == Operation.UNWRAP) {
            tell(state(change));
        } else if (event instanceof OwnFault fault) {
            tell(fault(fault));
        } else if (event instanceof DeadlineNear near) {
            tell(deadline(near));
        } else if (event instanceof ServiceOutage outage) {
            tell(outage(outage));
        } else if (event instanceof EventsDropped dropped) {
            tell(dropped(dropped));
        }
    }

    private void tell(Line line) {
        if (begun) {
            print(line);
        } else {
            before.add(line);
        }
    }

    private void print(Line line) {
        // In one line as JSON too, since a reader cannot wait for the end.
        String text = line.json.get("time").getAsString() + "  " + Host.visible(line.text);
        if (!root.host().print(root.json() ? line.json.toString() : text)) {
            unread.run();
        }
    }

    private static JsonObject json(String event, Instant time) {
        JsonObject json = new JsonObject();
        json.addProperty("time", time.truncatedTo(ChronoUnit.MILLIS).toString());
        json.addProperty("event", event);
        return json;
    }

    private static JsonObject json(String event, KekEvent of) {
        JsonObject json = json(event, Instant.now());
        json.addProperty("kek", of.kekId().uri());
        return json;
    }

    private static Line state(StateChanged change) {
        KekStanding before = change.before();
        KekStanding after = change.after();
        JsonObject json = json("state", change);
        json.addProperty("version", after.version());
        json.addProperty("before", before.state().name());
        json.addProperty("after", after.state().name());
        json.addProperty("reachBefore", before.reach().name());
        json.addProperty("reachAfter", after.reach().name());
        json.addProperty("since", after.since().toString());
        after.cause().ifPresent(cause -> KekReport.addFailure(json, cause));
        String states = change.ofState() ? before.state() + " → " + after.state() : "";
        String reaches = before.reach() == after.reach() ? "" : before.reach() + " → " + after.reach();
        return new Line(
                json,
                name(after.kekId(), after.version()) + "  " + (states + "  " + reaches).strip() + "  "
                        + after.cause().map(WatchLines::why).orElse("it works"));
    }

    private static String name(KekId kekId, String version) {
        return kekId + "  version " + (version.isEmpty() ? "-" : version);
    }

    private static String why(KekException cause) {
        return KekReport.reason(cause).map(reason -> reason + "  ").orElse("")
                + cause.rawCode().map(code -> "code " + code + "  ").orElse("")
                + "to do: " + cause.operatorAction();
    }

    private static Line fault(OwnFault fault) {
        JsonObject json = json("ownFault", fault);
        json.addProperty("keks", fault.keks());
        json.addProperty("owners", fault.owners());
        json.addProperty("controlKek", fault.controlKek());
        json.addProperty("since", fault.since().toString());
        json.addProperty("toDo", fault.operatorAction());
        return new Line(
                json,
                fault.kekId() + "  IT IS US  " + Sizes.counted(fault.keks(), "KEK") + " of "
                        + Sizes.counted(fault.owners(), "owner") + " denied"
                        + (fault.controlKek() ? ", and that of the seals" : "") + " since " + fault.since()
                        + "  to do: " + fault.operatorAction());
    }

    private static Line deadline(DeadlineNear near) {
        JsonObject json = json("deadline", near);
        json.addProperty("version", near.version());
        json.addProperty("ending", near.ending().name());
        json.addProperty("deadline", near.deadline().toString());
        json.addProperty("keychains", near.keychains());
        json.addProperty("deks", near.deks());
        return new Line(
                json,
                name(near.kekId(), near.version()) + "  " + near.ending() + " on " + near.deadline() + "  "
                        + Sizes.counted(near.keychains(), "keychain") + " with " + Sizes.counted(near.deks(), "DEK")
                        + "  to do: ask the customer whether that is meant, and re-wrap before that day if it is not");
    }

    private static Line outage(ServiceOutage outage) {
        JsonObject json = json("outage", outage);
        json.addProperty("service", outage.service());
        json.addProperty("silent", outage.silent());
        json.addProperty("over", outage.over());
        return new Line(
                json,
                outage.service() + "  "
                        + (outage.over()
                                ? "answers again"
                                : "OUT OF REACH  " + Sizes.counted(outage.silent(), "KEK")
                                        + " silent  to do: see the status"
                                        + " of the service and the network to it; no KEK is withdrawn by this"));
    }

    private static Line dropped(EventsDropped dropped) {
        JsonObject json = json("dropped", dropped);
        json.addProperty("events", dropped.events());
        return new Line(
                json,
                dropped.events()
                        + " EVENTS LOST  standard output took nothing for too long  to do: see 'keywrap kek list"
                        + " --check' for how all KEKs stand");
    }
}
