package io.turnstone.broker.security;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A SCRAM exchange")
class ScramExchangeTest {

    private static final byte[] SECRET = new byte[32];

    /** RFC 7677, section 3. */
    private static final String CLIENT_NONCE = "rOprNGfwEbeRWgbNEkqO";

    private static final String OWN_NONCE = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    private static final String SALT = "W22ZaJ0SNY7soEsUEjb6gQ==";
    private static final String LAST = "c=biws,r=" + CLIENT_NONCE + OWN_NONCE + ",p=";

    /** As in RFC 7677, and what the same messages give with the longer hash, computed with another implementation. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "SHA_256, dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=, 6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
        "SHA_512, gMGXRcevScNtxZ6/8lQYpGtnsNAc3mGcmNomv+xnoOMw+3R2xNJdMNnzMlTN8PPC6wdp6dybEmDYXYTxwnYPJQ==, "
                + "ZQnYEgWQMFmmsM8aQMF0nDDCy/AgCzkwk8CmMZYcMg0vSVlKDanekLtifDSeVGT4+5ZxXnJq199RVG2rR7N7Zw=="
    })
    void isThatOfTheStandard(ScramHash hash, String proof, String signature) throws Exception {
        var exchange = new ScramExchange(hash, pencil(hash), OWN_NONCE);

        assertThat(exchange.first(bytes("n,,n=user,r=" + CLIENT_NONCE)))
                .asString(UTF_8)
                .isEqualTo("r=" + CLIENT_NONCE + OWN_NONCE + ",s=" + SALT + ",i=4096");
        assertThat(exchange.proves(bytes(LAST + proof))).isTrue();
        assertThat(exchange.signature()).asString(UTF_8).isEqualTo("v=" + signature);
        assertThat(exchange.user()).isEqualTo("user");
    }

    @Test
    void isNotWonWithAnotherProof() throws Exception {
        var exchange = begun();

        assertThat(exchange.proves(bytes(LAST + "AAAAZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")))
                .isFalse();
        assertThat(exchange.signature()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "c=biws",
                "c=biws,r=other,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                "c=eSws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=AAAA",
                "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=!",
                "c=!,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=AAAA"
            })
    void isNotWonWithWhatIsNoSecondMessage(String message) throws Exception {
        assertThat(begun().proves(bytes(message))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "n,,n=user",
                "p=tls-unique,,n=user,r=abc",
                "n,a=admin,n=user,r=abc",
                "n,,m=ext,n=user,r=abc",
                "n,,n=,r=abc",
                "n,,n=a=b,r=abc",
                "n,,n=user,r=",
                "n,,n=user,r=a\u0000b",
                "\ud800"
            })
    void endsOnWhatIsNoFirstMessage(String message) {
        var exchange = new ScramExchange(ScramHash.SHA_256, pencil(ScramHash.SHA_256));

        assertThatThrownBy(() -> exchange.first(message.getBytes(java.nio.charset.StandardCharsets.UTF_16BE)))
                .isInstanceOf(ScramExchange.Malformed.class);
        assertThatThrownBy(() -> exchange.first(bytes(message))).isInstanceOf(ScramExchange.Malformed.class);
    }

    @Test
    void endsOnANonceThatDoesNotFitIntoOurAnswer() {
        var exchange = new ScramExchange(ScramHash.SHA_256, pencil(ScramHash.SHA_256));

        assertThatThrownBy(() -> exchange.first(bytes("n,,n=user,r=" + "x".repeat(201))))
                .isInstanceOf(ScramExchange.Malformed.class);
    }

    @Test
    void readsNamesWithCommasAndEqualsSigns() throws Exception {
        var exchange = new ScramExchange(ScramHash.SHA_256, pencil(ScramHash.SHA_256));

        exchange.first(bytes("y,a=CN=3Dme=2CO=3Dus,n=CN=3Dme=2CO=3Dus,r=abc"));

        assertThat(exchange.user()).isEqualTo("CN=me,O=us");
    }

    @Test
    void asksWithAnotherNonceEachTime() throws Exception {
        byte[] one = new ScramExchange(ScramHash.SHA_256, pencil(ScramHash.SHA_256)).first(bytes("n,,n=u,r=a"));
        byte[] two = new ScramExchange(ScramHash.SHA_256, pencil(ScramHash.SHA_256)).first(bytes("n,,n=u,r=a"));

        assertThat(one).isNotEqualTo(two);
    }

    @ParameterizedTest
    @EnumSource
    void asksAnUnknownUserAsItWouldAKnownOne(ScramHash hash) throws Exception {
        String known = question(hash, pencil(hash), "user");
        String unknown = question(hash, pencil(hash), "nobody");

        assertThat(unknown).hasSameSizeAs(known).endsWith(",i=4096").isNotEqualTo(known);
        assertThat(question(hash, pencil(hash), "nobody")).as("after a restart").isEqualTo(unknown);
        assertThat(question(hash, pencil(hash), "somebody")).isNotEqualTo(unknown);
    }

    private static String question(ScramHash hash, Users users, String name) throws Exception {
        return new String(new ScramExchange(hash, users, OWN_NONCE).first(bytes("n,,n=" + name + ",r=a")), UTF_8);
    }

    private static ScramExchange begun() throws Exception {
        var exchange = new ScramExchange(ScramHash.SHA_256, pencil(ScramHash.SHA_256), OWN_NONCE);
        exchange.first(bytes("n,,n=user,r=" + CLIENT_NONCE));
        return exchange;
    }

    private static Users pencil(ScramHash hash) {
        byte[] salt = Base64.getDecoder().decode(SALT);
        var verifier = ScramVerifier.of(hash, "pencil".toCharArray(), 4096, salt);
        return new Users(List.of(User.of("user", verifier, List.of())), SECRET);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
