package io.turnstone.load;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Where the broker listens and who logs in; without a user the SASL mechanism is ANONYMOUS. Immutable. */
public record BrokerUrl(String host, int port, @Nullable String user, String password) {

    private static final int DEFAULT_PORT = 5672;

    /**
     * Reads {@code amqp://[user[:password]@]host[:port]}; user and password may be percent-encoded.
     *
     * @throws IllegalArgumentException naming the url and what is wrong with it
     */
    public static BrokerUrl parse(String text) {
        URI uri;
        try {
            uri = URI.create(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("url '" + text + "': " + e.getMessage(), e);
        }
        if (!"amqp".equals(uri.getScheme()) || uri.getHost() == null) {
            throw new IllegalArgumentException("url '" + text + "' must look like amqp://user:password@host:5672");
        }
        int port = uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort();
        String login = uri.getRawUserInfo();
        if (login == null) {
            return new BrokerUrl(uri.getHost(), port, null, "");
        }
        int colon = login.indexOf(':');
        return colon < 0
                ? new BrokerUrl(uri.getHost(), port, decoded(login), "")
                : new BrokerUrl(
                        uri.getHost(), port, decoded(login.substring(0, colon)), decoded(login.substring(colon + 1)));
    }

    private static String decoded(String part) {
        return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** Without the login: safe to print. */
    @Override
    public String toString() {
        return "amqp://" + host + ":" + port;
    }
}
