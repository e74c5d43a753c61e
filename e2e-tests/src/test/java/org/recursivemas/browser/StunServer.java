package org.recursivemas.browser;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.util.Collections;

/**
 * A STUN server (RFC 8489) on this machine that tells everybody the same address, {@value #TOLD}: what a router in between
 * would have made of theirs.
 */
final class StunServer implements AutoCloseable {
    /** Of a network for documentation (RFC 5737). */
    static final String TOLD = "203.0.113.9";
    private static final int TOLD_PORT = 40_404;
    private static final short BINDING_REQUEST = 0x0001;
    private static final short BINDING_SUCCESS = 0x0101;
    private static final short XOR_MAPPED_ADDRESS = 0x0020;
    private static final int COOKIE = 0x2112A442;

    private final DatagramSocket socket;
    private final String address;

    StunServer() throws IOException {
        InetAddress own = own();
        socket = new DatagramSocket(0, own);
        address = own.getHostAddress() + ":" + socket.getLocalPort();
        Thread answering = new Thread(this::answer, "stun");
        answering.setDaemon(true);
        answering.start();
    }

    /** HOST:PORT, not of the loopback network, which browsers leave out. */
    String address() {
        return address;
    }

    private static InetAddress own() throws IOException {
        for (NetworkInterface network : Collections.list(NetworkInterface.getNetworkInterfaces())) {
            for (InetAddress one : Collections.list(network.getInetAddresses())) {
                if (network.isUp() && !one.isLoopbackAddress() && one instanceof Inet4Address) {
                    return one;
                }
            }
        }
        throw new IOException("this machine has no IPv4 address besides the loopback's, so browsers cannot meet on it");
    }

    private void answer() {
        byte[] bytes = new byte[1500];
        while (!socket.isClosed()) {
            try {
                DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
                socket.receive(packet);
                ByteBuffer asked = ByteBuffer.wrap(bytes, 0, packet.getLength());
                if (packet.getLength() >= 20 && asked.getShort(0) == BINDING_REQUEST && asked.getInt(4) == COOKIE) {
                    ByteBuffer told = ByteBuffer.allocate(32).putShort(BINDING_SUCCESS).putShort((short) 12).putInt(COOKIE)
                            .put(bytes, 8, 12).putShort(XOR_MAPPED_ADDRESS).putShort((short) 8).put((byte) 0).put((byte) 1)
                            .putShort((short) (TOLD_PORT ^ COOKIE >>> 16))
                            .putInt(ByteBuffer.wrap(InetAddress.getByName(TOLD).getAddress()).getInt() ^ COOKIE);
                    socket.send(new DatagramPacket(told.array(), 32, packet.getSocketAddress()));
                }
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    throw new java.io.UncheckedIOException(e);
                }
            }
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
