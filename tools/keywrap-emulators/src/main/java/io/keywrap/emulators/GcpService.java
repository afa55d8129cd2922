package io.keywrap.emulators;

import com.google.cloud.kms.v1.DecryptRequest;
import com.google.cloud.kms.v1.EncryptRequest;
import com.google.cloud.kms.v1.EncryptResponse;
import com.google.protobuf.Message;
import com.google.rpc.Status;
import java.util.Optional;

/** What becomes of a request, whatever carried it here: its fault, its permission, what it does, and the log. */
final class GcpService {
    private static final String OK = "OK";

    private final GcpStore store;
    private final FaultRules<GcpFault> faults;
    private final RequestLog<GcpAuditEvent> log;

    GcpService(GcpStore store, FaultRules<GcpFault> faults, RequestLog<GcpAuditEvent> log) {
        this.store = store;
        this.faults = faults;
        this.log = log;
    }

    /** Does a request that came with these credentials, if any. */
    <Q extends Message, A extends Message> Answer<A> answer(
            GcpMethod<Q, A> method, Q request, Optional<String> authorization) {
        String resource = method.resource().apply(request);
        Optional<GcpFault> fault = faults.next(rule -> rule.matches(method.name(), resource));
        try {
            A done = perform(method, request, authorization, fault);
            Answer<A> answer = new Answer<>(Optional.of(changed(done, fault)), Status.getDefaultInstance(), fault);
            log.add(event(method.name(), resource, version(request, done), Optional.empty()));
            return answer;
        } catch (GcpFailure e) {
            return failed(method, resource, fault, e);
        } catch (RuntimeException e) {
            return failed(method, resource, fault, GcpFailure.internal(e));
        }
    }

    private <A extends Message> Answer<A> failed(
            GcpMethod<?, A> method, String resource, Optional<GcpFault> fault, GcpFailure failure) {
        log.add(event(method.name(), resource, Optional.empty(), Optional.of(failure)));
        return new Answer<>(Optional.empty(), failure.status(), fault);
    }

    /** A method that is not imitated, which gRPC answers itself. */
    void unknown(String method) {
        String name = GcpNames.shown(method.substring(method.lastIndexOf('/') + 1));
        log.add(event(
                name, "", Optional.empty(), Optional.of(GcpFailure.unimplemented(name + " is not imitated here."))));
    }

    private <Q extends Message, A extends Message> A perform(
            GcpMethod<Q, A> method, Q request, Optional<String> authorization, Optional<GcpFault> fault) {
        fault.filter(f -> f.kind == GcpFault.Kind.ERROR).ifPresent(f -> {
            throw new GcpFailure(f.status);
        });
        boolean damaged =
                fault.filter(f -> f.kind == GcpFault.Kind.DAMAGED_REQUEST).isPresent();
        synchronized (store) {
            store.caller(store.iam().member(authorization));
            store.require(method.permission(), method.resource().apply(request));
            return method.handler().apply(damaged ? damaged(request) : request);
        }
    }

    @SuppressWarnings("unchecked") // A lie is of the type of the truth.
    private static <A extends Message> A changed(A answer, Optional<GcpFault> fault) {
        return fault.map(f -> (A) f.lie.apply(answer)).orElse(answer);
    }

    @SuppressWarnings("unchecked") // Of the type of the request.
    private static <Q extends Message> Q damaged(Q request) {
        if (request instanceof EncryptRequest encrypt) {
            return (Q) encrypt.toBuilder()
                    .setPlaintext(GcpLies.flipped(encrypt.getPlaintext()))
                    .build();
        }
        if (request instanceof DecryptRequest decrypt) {
            return (Q) decrypt.toBuilder()
                    .setCiphertext(GcpLies.flipped(decrypt.getCiphertext()))
                    .build();
        }
        return request;
    }

    private GcpAuditEvent event(
            String method, String resource, Optional<String> version, Optional<GcpFailure> failure) {
        return new GcpAuditEvent(
                store.now(),
                method,
                GcpNames.shown(resource),
                version,
                failure.map(GcpFailure::code).orElse(OK),
                failure.map(e -> e.status().getMessage()));
    }

    /** The version that did the work. */
    private static Optional<String> version(Message request, Message answer) {
        if (answer instanceof EncryptResponse response) {
            return Optional.of(response.getName());
        }
        if (request instanceof DecryptRequest decrypt) {
            int version =
                    GcpCiphertext.parse(decrypt.getCiphertext().toByteArray()).version();
            return Optional.of(decrypt.getName() + "/cryptoKeyVersions/" + version);
        }
        return Optional.empty();
    }

    /**
     * What goes back, and what goes wrong on the way.
     *
     * @param message the answer; empty if there is an error instead
     * @param status the error
     * @param fault what happens to it
     * @param <A> the type of answers
     */
    record Answer<A>(Optional<A> message, Status status, Optional<GcpFault> fault) {
        GcpFault.Kind kind() {
            return fault.map(f -> f.kind).orElse(GcpFault.Kind.LIE);
        }
    }
}
