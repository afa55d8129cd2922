package io.keywrap.emulators;

import com.google.protobuf.Message;
import java.util.function.Function;

/**
 * One method of the service.
 *
 * @param service the service that it belongs to
 * @param name such as {@code Encrypt}
 * @param request an empty request
 * @param answer an empty answer
 * @param permission what the caller needs
 * @param resource the name in the request that the permission is needed on
 * @param handler what it does, under the monitor of the store
 * @param <Q> the type of requests
 * @param <A> the type of answers
 */
record GcpMethod<Q extends Message, A extends Message>(
        String service,
        String name,
        Q request,
        A answer,
        String permission,
        Function<Q, String> resource,
        Function<Q, A> handler) {

    static final String KMS = "google.cloud.kms.v1.KeyManagementService";
    static final String IAM = "google.iam.v1.IAMPolicy";
}
