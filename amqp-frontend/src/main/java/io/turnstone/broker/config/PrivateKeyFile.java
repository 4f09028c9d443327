package io.turnstone.broker.config;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.RSAKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A PEM file with a private key: PKCS#8, or what OpenSSL wrote before it (PKCS#1 for RSA, SEC 1 for elliptic curves). */
final class PrivateKeyFile {

    private static final Pattern KEY =
            Pattern.compile("-----BEGIN (|RSA |EC )PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END \\1PRIVATE KEY-----");
    private static final int SEQUENCE = 0x30;
    private static final int OCTETS = 0x04;
    private static final byte[] VERSION_0 = {2, 1, 0};

    private PrivateKeyFile() {}

    /** The file has no key that can be used; says why and what to do. */
    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1L;

        Unusable(String message) {
            super(message, null, false, false);
        }

        @Override
        public String getMessage() {
            return String.valueOf(super.getMessage());
        }
    }

    /** What is wrong with a file, as far as it can be told without the certificate. */
    static Optional<String> problem(Path file) {
        try {
            pem(file);
            return Optional.empty();
        } catch (Unusable e) {
            return Optional.of(e.getMessage());
        }
    }

    /** The key, of the algorithm of a certificate. */
    static PrivateKey read(Path file, PublicKey certified) throws Unusable {
        Matcher pem = pem(file);
        try {
            byte[] bytes = Base64.getMimeDecoder().decode(pem.group(2));
            byte[] pkcs8 = pem.group(1).isEmpty() ? bytes : pkcs8(bytes, certified);
            return KeyFactory.getInstance(certified.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new Unusable("holds no " + certified.getAlgorithm() + " key that fits the certificate: " + file
                    + "; name the key that the certificate was made with, as PKCS#8: openssl pkcs8 -topk8 -nocrypt -in "
                    + file.getFileName() + " -out new.pem");
        }
    }

    private static Matcher pem(Path file) throws Unusable {
        String text;
        try {
            text = Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new Unusable(Certificates.unreadable(file, e));
        }
        if (text.contains("ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED")) {
            throw new Unusable("is encrypted: " + file + "; decrypt it, or use a PKCS#12 'keystore'");
        }
        Matcher matcher = KEY.matcher(text);
        if (!matcher.find()) {
            throw new Unusable("holds no private key: " + file + "; it must be PEM (BEGIN PRIVATE KEY)");
        }
        return matcher;
    }

    /**
     * The older forms are what PKCS#8 has inside, without the name of the algorithm; the certificate's public key has
     * the same name, with the same curve if they belong together.
     */
    private static byte[] pkcs8(byte[] inner, PublicKey certified) {
        byte[] spki = certified.getEncoded(); // SEQUENCE { algorithm SEQUENCE, key BIT STRING }
        int algorithm = contents(spki, 0);
        int end = contents(spki, algorithm) + length(spki, algorithm);
        byte[] name = Arrays.copyOfRange(spki, algorithm, end);
        return der(SEQUENCE, VERSION_0, name, der(OCTETS, inner));
    }

    private static int contents(byte[] der, int at) {
        return at + 2 + (der[at + 1] < 0 ? der[at + 1] & 0x7f : 0);
    }

    private static int length(byte[] der, int at) {
        int length = 0;
        int from = der[at + 1] < 0 ? at + 2 : at + 1;
        for (int i = from; i < contents(der, at); i++) {
            length = (length << 8) | (der[i] & 0xff);
        }
        return length;
    }

    private static byte[] der(int tag, byte[]... parts) {
        var body = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            body.writeBytes(part);
        }
        var whole = new ByteArrayOutputStream();
        whole.write(tag);
        int size = body.size();
        if (size < 0x80) {
            whole.write(size);
        } else {
            int bytes = size < 0x100 ? 1 : size < 0x10000 ? 2 : 3;
            whole.write(0x80 | bytes);
            for (int i = bytes - 1; i >= 0; i--) {
                whole.write(size >> (8 * i));
            }
        }
        whole.writeBytes(body.toByteArray());
        return whole.toByteArray();
    }

    /** Whether a private key is that of a public one. */
    static boolean belongs(PrivateKey key, PublicKey certified) {
        if (certified instanceof RSAKey known && key instanceof RSAKey own) {
            return own.getModulus().equals(known.getModulus());
        }
        try {
            String algorithm = certified.getAlgorithm();
            var signature = Signature.getInstance(
                    switch (algorithm) {
                        case "EC" -> "SHA256withECDSA";
                        case "DSA" -> "SHA256withDSA";
                        default -> algorithm;
                    });
            var probe = new byte[32];
            signature.initSign(key);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(certified);
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
