package io.turnstone.broker.security;

import io.turnstone.api.Identity;
import io.turnstone.api.plugin.Authenticator;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The users of the configuration file. Immutable.
 *
 * <p>Somebody who is not among them is answered as if he were: a check of a password takes as long, and SCRAM tells a
 * salt that stays the same for his name.
 */
public final class Users implements Authenticator {

    /** What the first answer of SCRAM shows of a verifier beside the salt itself. */
    private record Looks(int iterations, int saltBytes) {}

    private static final Looks USUAL = new Looks(ScramVerifier.DEFAULT_ITERATIONS, 16);

    private final Map<String, User> byName = new HashMap<>();
    private final Map<String, User> byCertificate = new HashMap<>();
    private final Map<ScramHash, List<Looks>> looks;
    private final ScramVerifier nobody;
    private final byte[] secret;

    /**
     * These users.
     *
     * @param secret what salts of unknown names are made from; the same after a restart, and nobody else's to know
     */
    public Users(Collection<User> users, byte[] secret) {
        this.secret = secret.clone();
        for (User user : users) {
            byName.put(user.name(), user);
            user.certificates().forEach(name -> byCertificate.put(name, user));
        }
        int iterations =
                verifiers().mapToInt(ScramVerifier::iterations).reduce(ScramVerifier.MIN_ITERATIONS, Math::max);
        looks = verifiers()
                .collect(Collectors.groupingBy(
                        ScramVerifier::hash,
                        Collectors.mapping(
                                verifier -> new Looks(verifier.iterations(), verifier.salt().length),
                                Collectors.collectingAndThen(Collectors.toSet(), Users::ordered))));
        byte[] keys = ScramHash.SHA_256.hmac(secret, "");
        nobody = new ScramVerifier(ScramHash.SHA_256, iterations, Arrays.copyOf(keys, USUAL.saltBytes()), keys, keys);
    }

    /** Checks a password that nobody has: the first check takes as long as thirty later ones. */
    public void rehearse() {
        var verifier = new ScramVerifier(
                ScramHash.SHA_256, ScramVerifier.MIN_ITERATIONS, nobody.salt(), nobody.storedKey(), nobody.serverKey());
        verifier.matches(new char[0]);
    }

    private static List<Looks> ordered(Set<Looks> looks) {
        return looks.stream()
                .sorted(Comparator.comparingInt(Looks::iterations).thenComparingInt(Looks::saltBytes))
                .toList();
    }

    private Stream<ScramVerifier> verifiers() {
        return byName.values().stream().flatMap(user -> user.passwords().stream());
    }

    @Override
    public Optional<Identity> authenticate(String name, char[] password, String remoteAddress) {
        Optional<User> user = Optional.ofNullable(byName.get(name));
        Optional<ScramVerifier> own =
                user.flatMap(known -> known.passwords().stream().findFirst());
        boolean matches = own.orElse(nobody).matches(password);
        return matches && own.isPresent() && allowed(name, remoteAddress)
                ? Optional.of(new Identity(name, Mechanism.PLAIN.label()))
                : Optional.empty();
    }

    /** Whether a user of this name may come from there. */
    boolean allowed(String name, String remoteAddress) {
        User user = byName.get(name);
        return user != null && user.allowedFrom(remoteAddress);
    }

    /** The user that a certificate means by one of its names; somebody's own name counts as one of his. */
    Optional<String> certified(List<String> names, String remoteAddress) {
        return names.stream()
                .map(name -> byCertificate.getOrDefault(name, byName.get(name)))
                .filter(user -> user != null
                        && !user.name().equals(Identity.ANONYMOUS.name())
                        && user.allowedFrom(remoteAddress))
                .map(User::name)
                .findFirst();
    }

    /** Whether everybody who has a password can use it with this hash. */
    public boolean allHave(ScramHash hash) {
        List<User> withPassword = byName.values().stream()
                .filter(user -> !user.passwords().isEmpty())
                .toList();
        return !withPassword.isEmpty()
                && withPassword.stream().allMatch(user -> user.password(hash).isPresent());
    }

    /**
     * What checks this name's password; for a name that has none something that looks alike and accepts nothing. Takes
     * the same time either way.
     */
    ScramVerifier verifier(String name, ScramHash hash) {
        ScramVerifier unreal = unreal(name, hash);
        return Optional.ofNullable(byName.get(name))
                .flatMap(user -> user.password(hash))
                .orElse(unreal);
    }

    private ScramVerifier unreal(String name, ScramHash hash) {
        byte[] seed = ScramHash.SHA_512.hmac(secret, hash.name() + name);
        List<Looks> alike = looks.getOrDefault(hash, List.of(USUAL));
        Looks like = alike.get((seed[seed.length - 1] & 0xff) % alike.size());
        byte[] salt = Arrays.copyOf(ScramHash.SHA_512.hmac(secret, seed), like.saltBytes());
        byte[] keys = hash.hmac(secret, salt);
        return new ScramVerifier(hash, like.iterations(), salt, keys, keys);
    }
}
