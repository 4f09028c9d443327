package io.turnstone.it;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;

/** Signs tokens for alice, whom a broker believes that has its keys. */
final class TokenIssuer {

    private static final String KEY = "2026";

    private final ECKey key;

    TokenIssuer() {
        try {
            key = new ECKeyGenerator(Curve.P_256).keyID(KEY).generate();
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    /** The configuration of a broker that takes its tokens. */
    String configured(Path folder) throws IOException {
        Path keys = Files.writeString(folder.resolve("keys.json"), new JWKSet(key).toString());
        return "keys: \"%s\", issuer: \"https://id.example\", audience: turnstone, roles: scope".formatted(keys);
    }

    /** @param seconds until it ends; less than none for one that has */
    String token(String role, int seconds) {
        var claims = new JWTClaimsSet.Builder()
                .subject("alice")
                .issuer("https://id.example")
                .audience("turnstone")
                .claim("scope", role)
                .expirationTime(Date.from(Instant.now().plusSeconds(seconds)))
                .build();
        var token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(KEY).build(), claims);
        try {
            token.sign(new ECDSASigner(key));
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
        return token.serialize();
    }
}
