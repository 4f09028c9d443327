package io.turnstone.broker.security;

import io.turnstone.api.Identity;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Logins that were checked a moment ago, so that a thousand connections of one user cost one check. Keyed by a hash with
 * a random key of this process: neither names nor passwords are kept. Owned by the login thread.
 */
final class KnownLogins {

    static final int MAX = 1_000;
    static final long KEEP_MS = 60_000;

    private record Known(Identity identity, long untilMs) {}

    private final Mac mac;
    private final Map<String, Known> known = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Known> eldest) {
            return size() > MAX;
        }
    };

    KnownLogins() {
        var key = new byte[32];
        new SecureRandom().nextBytes(key);
        try {
            mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java has no HmacSHA256", e);
        }
    }

    Optional<Identity> find(String key, long nowMs) {
        Known found = known.get(key);
        return found == null || found.untilMs <= nowMs ? Optional.empty() : Optional.of(found.identity);
    }

    void add(String key, Identity identity, long nowMs) {
        known.put(key, new Known(identity, nowMs + KEEP_MS));
    }

    /** After a change of the users nothing is known. */
    void clear() {
        known.clear();
    }

    /** The key of one user, password and host; the host because it may decide. */
    String key(String user, char[] password, String host) {
        mac.update((user.length() + ":" + user + host.length() + ":" + host).getBytes(StandardCharsets.UTF_8));
        var encoded = new byte[password.length * Character.BYTES];
        for (int i = 0; i < password.length; i++) {
            encoded[2 * i] = (byte) (password[i] >> 8);
            encoded[2 * i + 1] = (byte) password[i];
        }
        mac.update(encoded);
        Arrays.fill(encoded, (byte) 0);
        return Base64.getEncoder().encodeToString(mac.doFinal());
    }
}
