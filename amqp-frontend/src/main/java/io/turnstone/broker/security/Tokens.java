package io.turnstone.broker.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.DefaultJOSEObjectTypeVerifier;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads tokens and decides whether they are good. Immutable, any thread. */
public final class Tokens {

    /** What a good token says; {@code expiresAtMs} with the leeway that clocks are given. */
    record Bearer(String user, Set<String> roles, long expiresAtMs) {}

    /** The token is not good; says why, for the log. */
    static final class Rejected extends Exception {
        private static final long serialVersionUID = 1L;

        Rejected(String why) {
            super(why, null, false, false);
        }
    }

    /** Longest token that is looked at, in bytes. */
    static final int MAX_BYTES = 16 * 1024;

    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512,
            JWSAlgorithm.HS256,
            JWSAlgorithm.HS384,
            JWSAlgorithm.HS512);

    private final TokenTerms terms;
    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();

    /**
     * Reads the keys.
     *
     * @throws IllegalArgumentException when a file of keys cannot be used
     */
    public Tokens(TokenTerms terms) {
        this.terms = terms;
        List<JWK> keys = new ArrayList<>();
        terms.keys().forEach(file -> keys.addAll(TokenKeys.read(file)));
        processor.setJWSKeySelector(
                new JWSVerificationKeySelector<>(ALGORITHMS, new ImmutableJWKSet<>(new JWKSet(keys))));
        // null: a token need not say that it is one
        processor.setJWSTypeVerifier(new DefaultJOSEObjectTypeVerifier<>(
                JOSEObjectType.JWT, new JOSEObjectType("at+jwt"), (JOSEObjectType) null));
        var claims = new DefaultJWTClaimsVerifier<SecurityContext>(
                terms.audience(),
                new JWTClaimsSet.Builder().issuer(terms.issuer()).build(),
                Set.of("exp", terms.user()));
        claims.setMaxClockSkew((int) (terms.leewayMs() / 1000));
        processor.setJWTClaimsSetVerifier(claims);
    }

    /** Whether users come by their roles rather than by their names. */
    boolean byRole() {
        return terms.roles().isPresent();
    }

    /** What a token says, if it is good. */
    Bearer read(String token) throws Rejected {
        if (token.length() > MAX_BYTES) {
            throw new Rejected("the token is longer than " + MAX_BYTES + " bytes");
        }
        try {
            JWTClaimsSet claims = processor.process(token, null);
            Object user = claims.getClaim(terms.user());
            if (!(user instanceof String name) || name.isBlank()) {
                throw new Rejected("the claim '" + terms.user() + "' is not a name");
            }
            Set<String> roles =
                    terms.roles().map(claim -> words(claims.getClaim(claim))).orElse(Set.of());
            return new Bearer(
                    name, roles, claims.getExpirationTime().toInstant().toEpochMilli() + terms.leewayMs());
        } catch (ParseException e) {
            throw new Rejected("not a signed token");
        } catch (BadJOSEException | JOSEException e) {
            throw new Rejected("the token is not good: " + e.getMessage());
        }
    }

    /** A list of names, or names with blanks between them as in {@code scope} (RFC 6749, section 3.3). */
    private static Set<String> words(@Nullable Object claim) {
        Set<String> words = new LinkedHashSet<>();
        if (claim instanceof String text) {
            words.addAll(Arrays.asList(text.strip().split("\\s+")));
        } else if (claim instanceof Collection<?> list) {
            list.forEach(word -> words.add(String.valueOf(word)));
        }
        return words;
    }
}
