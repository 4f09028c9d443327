package io.turnstone.broker.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import io.turnstone.broker.TestCertificate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("Tokens")
class TokensTest {

    @TempDir
    static Path folder;

    private static RSAKey rsa;
    private static ECKey curve;
    private static OctetSequenceKey secret;
    private static Tokens tokens;

    @BeforeAll
    static void makeKeys() throws Exception {
        rsa = new RSAKeyGenerator(2048).keyID("r").generate();
        curve = new ECKeyGenerator(Curve.P_256).keyID("c").generate();
        secret = new OctetSequenceKeyGenerator(256).keyID("s").generate();
        tokens = new Tokens(terms(
                List.of(pem("rsa.pem", "PUBLIC KEY", rsa.toRSAPublicKey().getEncoded()), set("keys.json", curve)),
                Optional.of("roles")));
    }

    @Test
    void areReadByAKeyInPem() throws Exception {
        Instant end = Instant.ofEpochSecond(Instant.now().getEpochSecond() + 60);
        Tokens.Bearer bearer = tokens.read(signed(
                JWSAlgorithm.RS256,
                new RSASSASigner(rsa),
                claims().expirationTime(Date.from(end)).build()));

        assertThat(bearer.user()).isEqualTo("shop");
        assertThat(bearer.roles()).containsExactly("publisher", "auditor");
        assertThat(bearer.expiresAtMs()).isEqualTo(end.toEpochMilli() + 1_000);
    }

    @Test
    void areReadByACertificate() throws Exception {
        var made = TestCertificate.make(folder, "issuer", "RSA");
        var byCertificate = new Tokens(terms(List.of(made.cert()), Optional.empty()));
        String key = Files.readString(made.key()).replaceAll("-----[A-Z ]+-----", "");
        var signer = new RSASSASigner(java.security.KeyFactory.getInstance("RSA")
                .generatePrivate(new java.security.spec.PKCS8EncodedKeySpec(
                        Base64.getMimeDecoder().decode(key))));

        assertThat(byCertificate
                        .read(signed(JWSAlgorithm.PS256, signer, claims().build()))
                        .user())
                .isEqualTo("shop");
    }

    @Test
    void areReadByASetOfKeys() throws Exception {
        assertThat(tokens.read(signed(JWSAlgorithm.ES256, new ECDSASigner(curve), claims().build()))
                        .user())
                .isEqualTo("shop");
    }

    @Test
    void areReadByASharedSecret() throws Exception {
        var bySecret = new Tokens(terms(List.of(set("secret.json", secret)), Optional.of("scope")));

        Tokens.Bearer bearer = bySecret.read(signed(
                JWSAlgorithm.HS256,
                new MACSigner(secret),
                claims().claim("scope", "publish consume").build()));

        assertThat(bearer.roles()).containsExactly("publish", "consume");
    }

    @Test
    void areRefusedFromAnotherIssuer() throws Exception {
        refuses(claims().issuer("https://evil.example").build());
    }

    @Test
    void areRefusedForAnotherAudience() throws Exception {
        refuses(claims().audience("mail").build());
    }

    @Test
    void areRefusedWhenTheyHaveExpired() throws Exception {
        refuses(claims().expirationTime(Date.from(Instant.now().minusSeconds(10)))
                .build());
    }

    @Test
    void areRefusedBeforeTheirTime() throws Exception {
        refuses(claims().notBeforeTime(Date.from(Instant.now().plusSeconds(60))).build());
    }

    @Test
    void areRefusedWithoutAnEnd() throws Exception {
        refuses(claims().expirationTime(null).build());
    }

    @Test
    void areRefusedWithoutAName() throws Exception {
        refuses(claims().subject(null).build());
        refuses(claims().subject(" ").build());
    }

    @Test
    void areRefusedWithoutASignature() {
        assertRefused(new PlainJWT(claims().build()).serialize());
        assertRefused("no token at all");
        assertRefused("");
        assertRefused("x".repeat(Tokens.MAX_BYTES + 1));
    }

    @Test
    void areRefusedWhenAnotherKeySignedThem() throws Exception {
        var other = new RSAKeyGenerator(2048).keyID("r").generate();

        assertRefused(signed(JWSAlgorithm.RS256, new RSASSASigner(other), claims().build()));
    }

    /** Who takes the public key for a shared secret lets everybody sign. */
    @Test
    void areRefusedWhenThePublicKeyIsUsedAsASecret() throws Exception {
        var signer = new MACSigner(rsa.toRSAPublicKey().getEncoded());

        assertRefused(signed(JWSAlgorithm.HS256, signer, claims().build()));
    }

    @Test
    void areRefusedWhenTheyAreForSomethingElse() throws Exception {
        var header = new JWSHeader.Builder(JWSAlgorithm.RS256)
                .type(new JOSEObjectType("logout+jwt"))
                .build();
        var token = new SignedJWT(header, claims().build());
        token.sign(new RSASSASigner(rsa));

        assertRefused(token.serialize());
    }

    @Test
    void needAFileWithAKeyThatIsStrongEnough() throws Exception {
        Path weak = set("weak.json", new OctetSequenceKeyGenerator(128).generate());
        Path none = Files.writeString(folder.resolve("none.json"), "{ \"keys\": [] }");
        Path junk = Files.writeString(folder.resolve("junk.pem"), "-----BEGIN PUBLIC KEY-----");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> TokenKeys.read(weak))
                .withMessageContaining("a key of 128 bits: " + weak);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TokenKeys.read(none))
                .withMessageContaining("without a key: " + none);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TokenKeys.read(junk))
                .withMessageContaining("without a key: " + junk);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TokenKeys.read(folder.resolve("absent")))
                .withMessageContaining("does not exist");
    }

    private static void refuses(JWTClaimsSet claims) throws Exception {
        assertRefused(signed(JWSAlgorithm.RS256, new RSASSASigner(rsa), claims));
    }

    private static void assertRefused(String token) {
        assertThatThrownBy(() -> tokens.read(token)).isInstanceOf(Tokens.Rejected.class);
    }

    private static JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder()
                .subject("shop")
                .issuer("https://id.example")
                .audience(List.of("turnstone", "mail"))
                .claim("roles", List.of("publisher", "auditor"))
                .expirationTime(Date.from(Instant.now().plusSeconds(60)));
    }

    private static String signed(JWSAlgorithm algorithm, JWSSigner signer, JWTClaimsSet claims) throws Exception {
        var token = new SignedJWT(new JWSHeader(algorithm), claims);
        token.sign(signer);
        return token.serialize();
    }

    private static TokenTerms terms(List<Path> keys, Optional<String> roles) {
        return new TokenTerms(keys, "https://id.example", "turnstone", "sub", roles, 1_000);
    }

    private static Path set(String name, com.nimbusds.jose.jwk.JWK key) throws Exception {
        return Files.writeString(folder.resolve(name), new JWKSet(key).toString(false));
    }

    private static Path pem(String name, String what, byte[] der) throws Exception {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return Files.writeString(
                folder.resolve(name), "-----BEGIN " + what + "-----\n" + base64 + "\n-----END " + what + "-----\n");
    }
}
