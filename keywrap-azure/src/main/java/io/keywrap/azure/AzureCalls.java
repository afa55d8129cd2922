package io.keywrap.azure;

import com.azure.core.exception.HttpResponseException;
import com.azure.core.util.Context;
import com.azure.security.keyvault.keys.models.KeyProperties;
import com.azure.security.keyvault.keys.models.KeyVaultKey;
import io.keywrap.Deadline;
import io.keywrap.KekException;
import io.keywrap.KekException.Failure;
import io.keywrap.KekId;
import io.keywrap.KekUnreachableException;
import io.keywrap.TimeSource;
import io.keywrap.azure.AzureErrors.Operation;
import io.keywrap.azure.AzureErrors.Question;
import io.keywrap.azure.SecondLook.Finding;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Calls of Azure for one provider: each ends with its deadline, and fails with one of keywrap's exceptions. */
final class AzureCalls {
    /** How long a question may take about a key that has just refused. */
    private static final Duration SECOND_LOOK = Duration.ofSeconds(2);

    /** Of one provider: its own key, in versions that have wrapped something. */
    private static final int MOST_KEYS = 256;

    private final KeyClients clients;
    private final HostNames names;
    private final TimeSource time;
    private final MissingKeys missing;
    private final Set<AzureKeyUrl> worked = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    AzureCalls(KeyClients clients, HostNames names, TimeSource time, MissingKeys missing) {
        this.clients = clients;
        this.names = names;
        this.time = time;
        this.missing = missing;
    }

    /**
     * What is asked for.
     *
     * @param kekId the KEK, as its user names it
     * @param key the key that is called, in the version that is
     * @param operation what for
     * @param deadline when the call must be over
     */
    record Asked(KekId kekId, AzureKeyUrl key, Operation operation, Deadline deadline) {}

    /** Every later call is refused. */
    void close() {
        closed = true;
    }

    /** Remembers a key that has done its work, so that it is deleted if it is not there any more. */
    void sawWorking(AzureKeyUrl key) {
        missing.found(key);
        if (worked.size() < MOST_KEYS) {
            worked.add(key);
        }
    }

    /** Makes a call. */
    <T> T ask(Asked asked, Callable<T> action) {
        if (closed) {
            throw new IllegalStateException("the provider of " + asked.kekId() + " was closed");
        }
        Duration limit = asked.deadline().remaining();
        if (limit.isZero()) {
            throw outOfTime(asked, "the time for the call was over before it began");
        }
        try {
            T answer = Threads.within(limit, action);
            sawWorking(asked.key());
            return answer;
        } catch (TimeoutException e) {
            throw outOfTime(asked, "Azure, or whoever gives out its tokens, did not answer in time");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw outOfTime(asked, "the calling thread was interrupted before an answer came");
        } catch (ExecutionException e) {
            throw refusal(unchecked(e), asked);
        }
    }

    /** What Azure knows of the key. */
    KeyVaultKey key(Asked asked) {
        KeyVaultKey answer = ask(asked, () -> get(asked.key()));
        if (!isWhole(answer)) {
            throw new KekUnreachableException(Failure.of(asked.kekId(), "the answer tells nothing of the key")
                    .operatorAction("check that the host is one of Azure Key Vault; it can be tried again"));
        }
        return answer;
    }

    private static boolean isWhole(@Nullable KeyVaultKey key) {
        return key != null
                && key.getProperties() != null
                && key.getKey() != null
                && key.getId() != null
                && key.getKeyType() != null;
    }

    /** The state of a key, by the clock of this provider. */
    SecondLook stateOf(KeyProperties properties) {
        return SecondLook.atKey(properties.isEnabled(), properties.getNotBefore(), properties.getExpiresOn(), time);
    }

    Question question(Asked asked) {
        return new Question(asked.kekId(), asked.operation(), worked.contains(asked.key()));
    }

    private KekException refusal(RuntimeException failure, Asked asked) {
        Question question = question(asked);
        SecondLook look = secondLook(failure, asked);
        return AzureErrors.of(failure, question, question.worked() ? settled(look, asked.key()) : look);
    }

    /** What was found of a key that has worked, which is not gone for good as soon as it is not found. */
    private SecondLook settled(SecondLook look, AzureKeyUrl key) {
        boolean lasting = switch (look.finding()) {
            case GONE -> missing.isGoneForGood(key.inVersion(""));
            case NO_SUCH_VERSION -> missing.isGoneForGood(key);
            default -> {
                if (look.finding() == Finding.SOFT_DELETED) {
                    missing.found(key);
                }
                yield true;
            }
        };
        return lasting ? look : SecondLook.of(Finding.MISSING);
    }

    /** Asks about a key that has just refused; finds nothing if that is not to be had soon. */
    private SecondLook secondLook(RuntimeException failure, Asked asked) {
        Callable<SecondLook> look = switch (AzureErrors.openQuestion(failure, asked.operation())) {
            case NOTHING -> () -> SecondLook.NOTHING;
            case STATE -> () -> stateOf(get(asked.key()).getProperties());
            case DELETION -> () -> deletion(asked.key());
            case HOST -> () -> host(asked.key());
        };
        Duration left = asked.deadline().remaining();
        try {
            return Threads.within(left.compareTo(SECOND_LOOK) < 0 ? left : SECOND_LOOK, look);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return SecondLook.NOTHING;
        } catch (TimeoutException | ExecutionException e) {
            return SecondLook.NOTHING;
        }
    }

    private KeyVaultKey get(AzureKeyUrl key) {
        return clients.management()
                .getKeyWithResponse(key.name(), key.version().orElse(null), Context.NONE)
                .getValue();
    }

    private SecondLook deletion(AzureKeyUrl key) {
        try {
            return SecondLook.softDeleted(clients.management()
                    .getDeletedKeyWithResponse(key.name(), Context.NONE)
                    .getValue()
                    .getScheduledPurgeDate());
        } catch (HttpResponseException e) {
            return isNotFound(e) ? existence(key) : SecondLook.NOTHING;
        }
    }

    /** A key that is not among the deleted ones either is gone, is there without such a version, or is there again. */
    private SecondLook existence(AzureKeyUrl key) {
        try {
            get(key);
            return SecondLook.of(Finding.MISSING);
        } catch (HttpResponseException e) {
            if (!isNotFound(e)) {
                return SecondLook.NOTHING;
            }
        }
        if (key.version().isEmpty()) {
            return SecondLook.of(Finding.GONE);
        }
        SecondLook whole = existence(key.inVersion(""));
        return whole.finding() == Finding.MISSING ? SecondLook.of(Finding.NO_SUCH_VERSION) : whole;
    }

    private static boolean isNotFound(HttpResponseException e) {
        return e.getResponse() != null && AzureFailure.status(e) == 404;
    }

    /** A name service that finds the sign-in of the cloud, and not the vault, is well, and the vault is not there. */
    private SecondLook host(AzureKeyUrl key) {
        return !names.isKnown(key.host()) && names.isKnown(HostNames.of(key.authorityHost()))
                ? SecondLook.of(Finding.NO_SUCH_HOST)
                : SecondLook.NOTHING;
    }

    private static RuntimeException unchecked(ExecutionException e) {
        @Nullable Throwable cause = e.getCause();
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(cause);
    }

    private static KekUnreachableException outOfTime(Asked asked, String what) {
        return new KekUnreachableException(Failure.of(asked.kekId(), what)
                .operatorAction(
                        "check the network, the health of Azure Key Vault, and what gives this process its token; it"
                                + " can be tried again"));
    }
}
