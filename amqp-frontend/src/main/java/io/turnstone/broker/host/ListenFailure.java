package io.turnstone.broker.host;

import java.net.BindException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Locale;

/** Why a port cannot be had, and what to do. The operating system's own words are all there is to tell causes apart. */
final class ListenFailure {

    private ListenFailure() {}

    static String explain(HostException failure) {
        String text = String.valueOf(failure.getMessage());
        Throwable cause = failure.getCause();
        return cause == null ? text : text + advice(cause, text.toLowerCase(Locale.ROOT));
    }

    private static String advice(Throwable cause, String text) {
        if (cause instanceof UnknownHostException
                || cause instanceof UnresolvedAddressException
                || text.contains("failed to resolve")) {
            return "; no such host is known here: write an address of this machine, 127.0.0.1 or 0.0.0.0 as host";
        }
        if (text.contains("in use")) {
            return "; another program has this port: stop it, or choose another with listeners: port or --port, 0 for a"
                    + " free one";
        }
        if (text.contains("permission denied") || text.contains("access denied")) {
            return "; ports below 1024 need a privilege: choose a higher one with listeners: port or --port";
        }
        if (cause instanceof BindException || cause instanceof SocketException || text.contains("assign")) {
            return "; this machine has no such address: write one of its own, 127.0.0.1 or 0.0.0.0 as host";
        }
        return "";
    }
}
