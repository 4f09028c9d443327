package io.turnstone.broker.security;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The keys in a file: a JSON Web Key Set (RFC 7517), or one public key or certificate in PEM. */
public final class TokenKeys {

    private static final Pattern PEM =
            Pattern.compile("-----BEGIN (PUBLIC KEY|CERTIFICATE)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");

    /** A shared secret that can be guessed makes everybody an issuer (RFC 7518, section 3.2). */
    private static final int MIN_SECRET_BITS = 256;

    private static final int MIN_RSA_BITS = 2048;

    private TokenKeys() {}

    /**
     * Reads a file.
     *
     * @throws IllegalArgumentException when there is no key in it that can be used; says why and what to do
     */
    public static List<JWK> read(Path file) {
        String text;
        try {
            text = Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("names a file that does not exist: " + file, e);
        } catch (IOException e) {
            throw new IllegalArgumentException("names a file that cannot be read: " + file, e);
        }
        try {
            List<JWK> keys =
                    text.stripLeading().startsWith("{") ? JWKSet.parse(text).getKeys() : List.of(pem(text));
            keys.forEach(key -> check(key, file));
            if (!keys.isEmpty()) {
                return keys;
            }
        } catch (ParseException | GeneralSecurityException | IllegalStateException e) {
            // told below, in our words
        }
        throw new IllegalArgumentException("names a file without a key: " + file
                + "; it must be a JSON Web Key Set ({\"keys\": …}) or PEM (BEGIN PUBLIC KEY or CERTIFICATE)");
    }

    private static void check(JWK key, Path file) {
        boolean secret = key.getKeyType().getValue().equals("oct");
        if (secret ? key.size() < MIN_SECRET_BITS : key instanceof RSAKey && key.size() < MIN_RSA_BITS) {
            throw new IllegalArgumentException("names a file with a key of " + key.size() + " bits: " + file
                    + "; shared secrets need at least " + MIN_SECRET_BITS + " bits, RSA keys " + MIN_RSA_BITS);
        }
    }

    private static JWK pem(String text) throws GeneralSecurityException {
        Matcher pem = PEM.matcher(text);
        if (!pem.find()) {
            throw new GeneralSecurityException("no PEM");
        }
        byte[] der = Base64.getMimeDecoder().decode(pem.group(2));
        PublicKey key = pem.group(1).equals("CERTIFICATE")
                ? CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(der))
                        .getPublicKey()
                : publicKey(der);
        if (key instanceof RSAPublicKey rsa) {
            return new RSAKey.Builder(rsa).build();
        }
        if (key instanceof ECPublicKey curve) {
            return new ECKey.Builder(Curve.forECParameterSpec(curve.getParams()), curve).build();
        }
        throw new GeneralSecurityException("neither RSA nor a curve");
    }

    private static PublicKey publicKey(byte[] der) throws GeneralSecurityException {
        var spec = new X509EncodedKeySpec(der);
        try {
            return KeyFactory.getInstance("RSA").generatePublic(spec);
        } catch (GeneralSecurityException notRsa) {
            return KeyFactory.getInstance("EC").generatePublic(spec);
        }
    }
}
