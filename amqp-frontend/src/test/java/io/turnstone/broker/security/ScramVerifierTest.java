package io.turnstone.broker.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A SCRAM verifier")
class ScramVerifierTest {

    /** The exchange of RFC 7677, section 3. */
    private static final String SALT = "W22ZaJ0SNY7soEsUEjb6gQ==";

    private static final String CLIENT_FIRST_BARE = "n=user,r=rOprNGfwEbeRWgbNEkqO";
    private static final String SERVER_FIRST =
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=" + SALT + ",i=4096";
    private static final String CLIENT_FINAL_BARE = "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private static final String CLIENT_PROOF = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    private static final String SERVER_SIGNATURE = "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    private final ScramVerifier verifier = ScramVerifier.of(
            ScramHash.SHA_256, "pencil".toCharArray(), 4096, Base64.getDecoder().decode(SALT));

    @Test
    void acceptsTheProofOfTheStandard() throws Exception {
        byte[] message =
                (CLIENT_FIRST_BARE + "," + SERVER_FIRST + "," + CLIENT_FINAL_BARE).getBytes(StandardCharsets.US_ASCII);
        byte[] clientSignature = hmac(verifier.storedKey(), message);
        byte[] clientKey = Base64.getDecoder().decode(CLIENT_PROOF);
        for (int i = 0; i < clientKey.length; i++) {
            clientKey[i] ^= clientSignature[i];
        }

        assertThat(MessageDigest.getInstance("SHA-256").digest(clientKey)).isEqualTo(verifier.storedKey());
        assertThat(Base64.getEncoder().encodeToString(hmac(verifier.serverKey(), message)))
                .isEqualTo(SERVER_SIGNATURE);
    }

    @Test
    void checksAPlainPassword() {
        assertThat(verifier.matches("pencil".toCharArray())).isTrue();
        assertThat(verifier.matches("Pencil".toCharArray())).isFalse();
        assertThat(verifier.matches("".toCharArray())).isFalse();
    }

    @Test
    void isWrittenAsOthersWriteIt() {
        assertThat(verifier.written())
                .isEqualTo("SCRAM-SHA-256$4096$W22ZaJ0SNY7soEsUEjb6gQ=="
                        + "$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
                        + "$wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
    }

    @Test
    void readsWhatItWrote() {
        assertThat(ScramVerifier.parse(verifier.written())).isEqualTo(verifier);
    }

    @Test
    void takesOneFormOfAnAccentForTheOther() {
        var composed = ScramVerifier.of("caf\u00e9".toCharArray(), 4096);

        assertThat(composed.matches("cafe\u0301".toCharArray())).isTrue();
    }

    @Test
    void keepsItsKeysOutOfLogs() {
        assertThat(verifier.toString()).isEqualTo("SCRAM-SHA-256$4096$…");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "secret",
                "SCRAM-SHA-1$4096$c2FsdHNhbHQ=$AA==$AA==",
                "SCRAM-SHA-256$12$c2FsdHNhbHQ=$AA==$AA==",
                "SCRAM-SHA-256$4096$c2FsdHNhbHQ=$AA==$AA==",
                "SCRAM-SHA-256$4096$!$AA==$AA==",
                "SCRAM-SHA-256$many$c2FsdHNhbHQ=$AA==$AA==",
            })
    void refusesAnythingElseWithoutRepeatingIt(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ScramVerifier.parse(text))
                .withMessageNotContaining(text);
    }

    private static byte[] hmac(byte[] key, byte[] message) throws Exception {
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(message);
    }
}
