package io.keywrap.aws;

import static io.keywrap.aws.WireCase.error;
import static io.keywrap.aws.WireCase.ours;
import static io.keywrap.aws.WireCase.outage;
import static io.keywrap.aws.WireCase.revoked;
import static io.keywrap.aws.WireCase.throttled;

import io.keywrap.KekRevokedException.Reason;
import io.keywrap.aws.WireCase.Change;
import io.keywrap.aws.WireRow.Ops;
import io.keywrap.emulators.AwsFault;
import io.keywrap.emulators.AwsKmsEmulator;
import io.keywrap.emulators.AwsPrincipal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.GrantOperation;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.model.Credentials;

/** The cases in which permissions, credentials or the way to AWS are the matter. */
final class WireAccessCases {
    private static final String DENIED = "AccessDeniedException";
    private static final String NOTHING = "{\"Version\":\"2012-10-17\",\"Statement\":[]}";
    private static final String DENY_ALL = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Deny\",\"Action\":"
            + "\"kms:*\",\"Resource\":\"*\"}]}";
    private static final String DENY_EVERYBODY = DENY_ALL.replace("\"Action\"", "\"Principal\":\"*\",\"Action\"");

    private WireAccessCases() {}

    static Stream<WireCase> all() {
        return Stream.of(withdrawn(), own(), faults(), credentials(), noAnswer(), roles(), unknown())
                .flatMap(List::stream);
    }

    private static List<WireCase> withdrawn() {
        return List.of(
                withdrawn("denied by the key's policy", w -> w.key.policy(DENY_EVERYBODY)),
                withdrawn("no longer in the policy of another account's key", w -> {
                    w.theirs();
                    w.key.resetPolicy();
                }),
                withdrawn("grant revoked", w -> {
                    String grant = granted(w);
                    owner(w).revokeGrant(request -> request.keyId(w.key.arn()).grantId(grant));
                }),
                withdrawn("grant retired", w -> {
                    String grant = granted(w);
                    owner(w).retireGrant(request -> request.keyId(w.key.arn()).grantId(grant));
                }),
                withdrawn("condition on the key context unmet", w -> {
                            w.theirs();
                            w.key.policy(
                                    WireWorld.allowing(
                                            "\"*\"",
                                            ",\"Condition\":{\"StringEquals\":{\"kms:EncryptionContext:tenant\":\"another\"}}"));
                        })
                        .on(Ops.CRYPTO),
                withdrawn("permission of the assumed role taken back", w -> {
                            assumable(w, "tenant-42");
                            w.callByRole("tenant-42");
                            AwsPrincipal role = w.emulator.principal(WireWorld.role());
                            w.emulator.identityPolicy(role, NOTHING);
                        })
                        .on(Ops.OF_ONE_KEY));
    }

    private static WireCase withdrawn(String name, Change change) {
        return revoked(WireRow.WITHDRAWN, name, Reason.DENIED, DENIED, change);
    }

    private static KmsClient owner(WireWorld world) {
        AwsPrincipal root = world.emulator.principal("arn:aws:iam::" + WireWorld.OTHER_ACCOUNT + ":root");
        return world.client(WireWorld.of(root), world.emulator.endpoint(), "eu-west-1");
    }

    /** The id of a grant, without which the key cannot be used. */
    private static String granted(WireWorld world) {
        world.theirs();
        world.key.resetPolicy();
        String grant = owner(world)
                .createGrant(request -> request.keyId(world.key.arn())
                        .granteePrincipal(world.vendor.arn())
                        .retiringPrincipal("arn:aws:iam::" + WireWorld.OTHER_ACCOUNT + ":root")
                        .operations(
                                GrantOperation.DECRYPT,
                                GrantOperation.ENCRYPT,
                                GrantOperation.GENERATE_DATA_KEY,
                                GrantOperation.RE_ENCRYPT_FROM,
                                GrantOperation.RE_ENCRYPT_TO,
                                GrantOperation.DESCRIBE_KEY))
                .grantId();
        EnumSet.allOf(WireRow.Op.class).forEach(world::call);
        return grant;
    }

    private static List<WireCase> own() {
        return Stream.concat(
                        Stream.of(
                                ours(WireRow.OWN_PERMISSION, "never given", DENIED, w -> {
                                    w.theirs();
                                    w.emulator.identityPolicy(w.vendor, NOTHING);
                                    healthyFor(w);
                                }),
                                ours(WireRow.OWN_PERMISSION, "denied", DENIED, w -> {
                                            w.theirs();
                                            w.emulator.identityPolicy(w.vendor, DENY_ALL);
                                        })
                                        .on(Ops.OF_ONE_KEY)),
                        Stream.of(
                                        "session policy",
                                        "permissions boundary",
                                        "service control policy",
                                        "VPC endpoint policy")
                                .map(policy -> ours(
                                                WireRow.OWN_PERMISSION,
                                                "no " + policy,
                                                DENIED,
                                                error(
                                                        400,
                                                        DENIED,
                                                        "User: x is not authorized to perform: kms:Decrypt because no "
                                                                + policy + " allows the kms:Decrypt action"))
                                        .on(Ops.OF_ONE_KEY)))
                .toList();
    }

    /** The old key of a re-wrap may still be used, so that the new one is what is refused. */
    private static void healthyFor(WireWorld world) {
        String old = world.healthy.kekId().uri().substring("aws-kms://".length());
        world.emulator.key(old).orElseThrow().policy(WireWorld.allowing("\"" + world.vendor.arn() + "\"", ""));
    }

    private static List<WireCase> faults() {
        return Stream.concat(
                        Stream.of("KMSInternalException", "KeyUnavailableException", "DependencyTimeoutException")
                                .map(code -> outage(WireRow.SERVICE_FAULT, code, code, error(500, code, "x"))),
                        Stream.of(
                                throttled(
                                        WireRow.THROTTLED,
                                        "HTTP 400",
                                        "ThrottlingException",
                                        w -> w.emulator.injectAlways(AwsFault.throttling())),
                                outage(
                                        WireRow.SERVICE_FAULT,
                                        "503 without a body",
                                        null,
                                        w -> w.emulator.injectAlways(AwsFault.answer(503, "")))))
                .toList();
    }

    private static List<WireCase> credentials() {
        Stream<WireCase> codes = Stream.of(
                        "AuthFailure",
                        "ExpiredToken",
                        "ExpiredTokenException",
                        "IncompleteSignature",
                        "IncompleteSignatureException",
                        "InvalidClientTokenId",
                        "InvalidSignatureException",
                        "MissingAuthenticationToken",
                        "MissingAuthenticationTokenException",
                        "NotAuthorized",
                        "OptInRequired",
                        "RequestExpired",
                        "RequestTimeTooSkewed",
                        "SignatureDoesNotMatch",
                        "UnrecognizedClientException")
                .flatMap(code -> Stream.of(400, 403)
                        .map(status ->
                                ours(WireRow.CREDENTIALS, code + " " + status, code, error(status, code, "no"))));
        return Stream.concat(
                        codes,
                        Stream.of(
                                ours(
                                        WireRow.CREDENTIALS,
                                        "none in the request",
                                        "MissingAuthenticationTokenException",
                                        w -> w.callBy(AnonymousCredentialsProvider.create(), w.emulator.endpoint())),
                                ours(
                                        WireRow.CREDENTIALS,
                                        "session over",
                                        "ExpiredTokenException",
                                        WireAccessCases::expire),
                                ours(WireRow.CREDENTIALS, "of nobody", "UnrecognizedClientException", w -> {
                                    AwsKmsEmulator strict = AwsKmsEmulator.builder()
                                            .onlyKnownCredentials()
                                            .start(0);
                                    w.opened.push(strict);
                                    w.callBy(WireWorld.of(w.vendor), strict.endpoint());
                                })))
                .toList();
    }

    private static void expire(WireWorld world) {
        assumable(world, "tenant-42");
        try (StsClient sts = AwsKms.tuned(StsClient.builder())
                .region(Region.EU_WEST_1)
                .endpointOverride(world.emulator.endpoint())
                .credentialsProvider(WireWorld.of(world.vendor))
                .build()) {
            Credentials session = sts.assumeRole(request -> request.roleArn(WireWorld.role())
                            .externalId("tenant-42")
                            .roleSessionName("test"))
                    .credentials();
            world.callBy(
                    StaticCredentialsProvider.create(AwsSessionCredentials.create(
                            session.accessKeyId(), session.secretAccessKey(), session.sessionToken())),
                    world.emulator.endpoint());
        }
        EnumSet.of(WireRow.Op.GENERATE, WireRow.Op.DESCRIBE).forEach(world::call);
        world.time.advance(Duration.ofHours(1));
    }

    private static List<WireCase> noAnswer() {
        return List.of(
                ours(
                        WireRow.NO_ANSWER,
                        "no credentials",
                        null,
                        w -> w.callBy(EnvironmentVariableCredentialsProvider.create(), w.emulator.endpoint())),
                outage(
                        WireRow.NO_ANSWER,
                        "no connection",
                        null,
                        w -> w.callBy(WireWorld.of(w.vendor), URI.create("http://127.0.0.1:" + unusedPort()))),
                outage(
                        WireRow.NO_ANSWER,
                        "no such host",
                        null,
                        w -> w.callBy(WireWorld.of(w.vendor), URI.create("http://kms.invalid"))),
                outage(WireRow.NO_ANSWER, "no answer by the deadline", null, w -> {
                    w.budget = Duration.ofMillis(300);
                    w.emulator.injectAlways(AwsFault.slow(Duration.ofSeconds(20)));
                }),
                outage(WireRow.NO_ANSWER, "cut", null, w -> w.emulator.injectAlways(AwsFault.cut())),
                outage(
                        WireRow.NO_ANSWER,
                        "cut in the middle",
                        null,
                        w -> w.emulator.injectAlways(AwsFault.truncated())),
                outage(
                        WireRow.NO_ANSWER,
                        "the answer of a portal",
                        null,
                        w -> w.emulator.injectAlways(AwsFault.answer(200, "<html>login</html>"))));
    }

    private static int unusedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** The key is that of the other account, where the caller may assume a role that may use it. */
    private static void assumable(WireWorld world, String externalId) {
        world.theirs();
        world.key.policy(WireWorld.allowing(
                "[\"arn:aws:iam::" + WireWorld.OTHER_ACCOUNT + ":root\",\"" + world.vendor.arn() + "\"]", ""));
        world.emulator.role(io.keywrap.emulators.AwsRole.of(WireWorld.role())
                .trusting(world.vendor.arn())
                .withExternalId(externalId));
    }

    private static List<WireCase> roles() {
        return List.of(
                refused("another external id", w -> {
                    assumable(w, "another");
                    w.callByRole("tenant-42");
                }),
                refused("the caller is not trusted any more", w -> {
                    assumable(w, "tenant-42");
                    w.emulator.role(
                            io.keywrap.emulators.AwsRole.of(WireWorld.role()).withExternalId("tenant-42"));
                    w.callByRole("tenant-42");
                }),
                refused("there is no such role", w -> {
                    w.theirs();
                    w.callByRole("tenant-42");
                }),
                ours(WireRow.ROLE_REFUSED, "by the caller's own policy", "AccessDenied", w -> {
                    assumable(w, "tenant-42");
                    w.emulator.injectAlways(AwsFault.error(
                                    403,
                                    "AccessDenied",
                                    "User: x is not authorized to perform: sts:AssumeRole because no identity-based"
                                            + " policy allows the sts:AssumeRole action")
                            .on("AssumeRole"));
                    w.callByRole("tenant-42");
                }));
    }

    private static WireCase refused(String name, Change change) {
        return revoked(WireRow.ROLE_REFUSED, name, Reason.DENIED, "AccessDenied", change);
    }

    private static List<WireCase> unknown() {
        String code = "SomethingNewException";
        return List.of(
                revoked(WireRow.UNKNOWN, "with 403", Reason.DENIED, code, error(403, code, "x")),
                ours(WireRow.UNKNOWN, "403 of a proxy", null, proxy(403)),
                ours(WireRow.UNKNOWN, "401 of a proxy", null, proxy(401)),
                outage(WireRow.UNKNOWN, "with 500", code, error(500, code, "x")),
                outage(WireRow.UNKNOWN, "502 of a proxy", null, proxy(502)),
                ours(WireRow.UNKNOWN, "with 400", code, error(400, code, "x")),
                ours(WireRow.UNKNOWN, "400 of a proxy", null, proxy(400)));
    }

    private static Change proxy(int status) {
        return world -> world.emulator.injectAlways(AwsFault.answer(status, "<html>no</html>"));
    }
}
