package io.keywrap.emulators;

import com.google.protobuf.Message;
import io.grpc.Grpc;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.util.concurrent.FastThreadLocalThread;
import io.grpc.netty.shaded.io.netty.util.concurrent.Future;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** gRPC without TLS on the loopback interface. One thread does all of it, since no request waits for anything. */
final class GcpFront implements AutoCloseable {
    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final int MAX_REQUEST_BYTES = 1 << 20;
    private static final long CLOSE_SECONDS = 5;
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final GcpService service;
    private final GcpConnections connections = new GcpConnections();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final EventLoopGroup loop;
    private final Server server;
    private final int port;

    GcpFront(GcpService service, List<GcpMethod<?, ?>> methods, int port) throws IOException {
        this.service = service;
        this.loop = new MultiThreadIoEventLoopGroup(1, this::thread, NioIoHandler.newFactory());
        NettyServerBuilder builder = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), port))
                .channelFactory(connections::listening)
                .bossEventLoopGroup(loop)
                .workerEventLoopGroup(loop)
                .maxInboundMessageSize(MAX_REQUEST_BYTES)
                .permitKeepAliveTime(1, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .directExecutor();
        for (String name : List.of(GcpMethod.KMS, GcpMethod.IAM)) {
            ServerServiceDefinition.Builder definition = ServerServiceDefinition.builder(name);
            methods.stream()
                    .filter(method -> method.service().equals(name))
                    .forEach(method -> definition.addMethod(define(method)));
            builder.addService(definition.build());
        }
        builder.fallbackHandlerRegistry(new Unknown());
        this.server = builder.build();
        try {
            server.start();
            this.port = server.getPort();
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private Thread thread(Runnable work) {
        Thread thread = new FastThreadLocalThread(work, "gcp-kms-emulator");
        thread.setDaemon(true);
        threads.add(thread);
        return thread;
    }

    String endpoint() {
        return "127.0.0.1:" + port;
    }

    int port() {
        return port;
    }

    int connections() {
        return connections.accepted();
    }

    private <Q extends Message, A extends Message> ServerMethodDefinition<Q, A> define(GcpMethod<Q, A> method) {
        MethodDescriptor<Q, A> descriptor = MethodDescriptor.<Q, A>newBuilder()
                // Not UNARY, since a fault may leave the one answer out.
                .setType(MethodType.UNKNOWN)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(method.service(), method.name()))
                .setRequestMarshaller(ProtoUtils.marshaller(method.request()))
                .setResponseMarshaller(ProtoUtils.marshaller(method.answer()))
                .build();
        return ServerMethodDefinition.create(descriptor, (call, headers) -> {
            call.request(2);
            return new Incoming<>(method, call, Optional.ofNullable(headers.get(AUTHORIZATION)));
        });
    }

    private <A extends Message> void answer(ServerCall<?, A> call, GcpService.Answer<A> answer) {
        Optional<SocketAddress> client =
                Optional.ofNullable(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
        switch (answer.kind()) {
            case SILENT -> {
                // The client waits until its deadline.
            }
            case CUT -> client.ifPresent(connections::reset);
            case TRUNCATED -> {
                sendMessage(call, answer);
                client.ifPresent(connections::finish);
            }
            case MISSING -> call.close(Status.OK, new Metadata());
            case SLOW -> {
                long delay = answer.fault().orElseThrow().delay.toNanos();
                Future<?> unused = loop.schedule(() -> send(call, answer), delay, TimeUnit.NANOSECONDS);
            }
            default -> send(call, answer);
        }
    }

    private static <A extends Message> void send(ServerCall<?, A> call, GcpService.Answer<A> answer) {
        if (answer.message().isEmpty()) {
            StatusException error = StatusProto.toStatusException(answer.status());
            Metadata trailers = error.getTrailers();
            call.close(error.getStatus(), trailers == null ? new Metadata() : trailers);
            return;
        }
        sendMessage(call, answer);
        call.close(Status.OK, new Metadata());
    }

    private static <A extends Message> void sendMessage(ServerCall<?, A> call, GcpService.Answer<A> answer) {
        call.sendHeaders(new Metadata());
        answer.message().ifPresent(call::sendMessage);
    }

    /** Cuts what is in flight, and returns when the port and the thread are free. */
    @Override
    public void close() {
        server.shutdownNow();
        Future<?> unused = loop.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS);
        try {
            server.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
            for (Thread thread : threads) {
                thread.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Asked for methods that are not there, of which none is found here either. */
    private final class Unknown extends HandlerRegistry {
        @Override
        public @Nullable ServerMethodDefinition<?, ?> lookupMethod(String methodName, @Nullable String authority) {
            service.unknown(methodName);
            return null;
        }
    }

    /** One request as it comes in: a message and its end. */
    private final class Incoming<Q extends Message, A extends Message> extends ServerCall.Listener<Q> {
        private final GcpMethod<Q, A> method;
        private final ServerCall<Q, A> call;
        private final Optional<String> authorization;
        private @Nullable Q request;

        Incoming(GcpMethod<Q, A> method, ServerCall<Q, A> call, Optional<String> authorization) {
            this.method = method;
            this.call = call;
            this.authorization = authorization;
        }

        @Override
        public void onMessage(Q message) {
            request = message;
        }

        @Override
        public void onHalfClose() {
            Q whole = request;
            if (whole == null) {
                call.close(Status.INTERNAL.withDescription("Half-closed without a request"), new Metadata());
            } else {
                answer(call, service.answer(method, whole, authorization));
            }
        }
    }
}
