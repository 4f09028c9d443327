package io.turnstone.broker.security;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** The other end of a connection, as {@code HOST:PORT} or {@code [HOST]:PORT}; the host is always a literal address. */
public final class Remote {

    private Remote() {}

    /** The host without the port. */
    public static String host(String remoteAddress) {
        if (remoteAddress.startsWith("[")) {
            int end = remoteAddress.indexOf(']');
            return end < 0 ? remoteAddress : remoteAddress.substring(1, end);
        }
        int colon = remoteAddress.lastIndexOf(':');
        return colon < 0 ? remoteAddress : remoteAddress.substring(0, colon);
    }

    /** Whether it is this machine. */
    public static boolean loopback(String remoteAddress) {
        String host = host(remoteAddress);
        if (host.isEmpty() || !(Character.digit(host.charAt(0), 16) >= 0 || host.charAt(0) == ':')) {
            return false;
        }
        if (!host.chars().allMatch(c -> Character.digit(c, 16) >= 0 || c == '.' || c == ':')) {
            return false; // anything else might be looked up
        }
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }
}
