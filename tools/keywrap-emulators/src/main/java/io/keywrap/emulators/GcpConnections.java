package io.keywrap.emulators;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelFuture;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The connections of clients, which gRPC keeps to itself, so that a fault can cut them. */
final class GcpConnections {
    private final Map<SocketAddress, Channel> open = new ConcurrentHashMap<>();
    private final AtomicInteger accepted = new AtomicInteger();

    /** A listening socket whose connections are known here. */
    NioServerSocketChannel listening() {
        return new NioServerSocketChannel() {
            @Override
            protected int doReadMessages(List<Object> channels) throws Exception {
                int read = super.doReadMessages(channels);
                channels.subList(channels.size() - Math.max(read, 0), channels.size())
                        .forEach(channel -> add((Channel) channel));
                return read;
            }
        };
    }

    private void add(Channel channel) {
        SocketAddress from = channel.remoteAddress();
        if (from == null) {
            return;
        }
        accepted.incrementAndGet();
        open.put(from, channel);
        ChannelFuture unused = channel.closeFuture().addListener(closed -> open.remove(from, channel));
    }

    int accepted() {
        return accepted.get();
    }

    /** Ends a connection at once, so that the client reads an error. */
    void reset(SocketAddress client) {
        Channel channel = open.get(client);
        if (channel != null) {
            channel.config().setOption(ChannelOption.SO_LINGER, 0);
            close(channel);
        }
    }

    /** Ends a connection after what is under way on it, so that the client reads an end. */
    void finish(SocketAddress client) {
        Channel channel = open.get(client);
        if (channel != null) {
            channel.eventLoop().execute(() -> close(channel));
        }
    }

    private static void close(Channel channel) {
        // Past the handlers, which would first wait for the calls that are still to be answered.
        ChannelFuture unused = channel.pipeline().firstContext().close();
    }
}
