package io.turnstone.amqp.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.turnstone.amqp.Spec;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.apache.qpid.proton.amqp.DescribedType;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.transport.Open;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayName("A value")
class EncodingsTest {

    private final PerformativeCodec codec = new PerformativeCodec();

    /** That value of a property of an open, written out in full. */
    private Object read(String hex) {
        byte[] value = HexFormat.of().parseHex(hex.replace(" ", ""));
        ByteBuffer body =
                ByteBuffer.allocate(64 + value.length).put(HexFormat.of().parseHex("005310d0"));
        body.putInt(4 + 3 + 8 + 12 + value.length).putInt(10).put(HexFormat.of().parseHex("a10163"));
        body.put(HexFormat.of().parseHex("4040404040404040"));
        body.put(HexFormat.of().parseHex("d1")).putInt(4 + 3 + value.length).putInt(2);
        body.put(HexFormat.of().parseHex("a3016b")).put(value);

        return ((Open) codec.decode(body.flip())).getProperties().get(Symbol.valueOf("k"));
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({
        "41,                       true",
        "42,                       false",
        "5601,                     true",
        "5600,                     false",
        "50ff,                     255",
        "60ffff,                   65535",
        "70ffffffff,               4294967295",
        "52ff,                     255",
        "43,                       0",
        "80ffffffffffffffff,       18446744073709551615",
        "53ff,                     255",
        "44,                       0",
        "5180,                     -128",
        "618000,                   -32768",
        "7180000000,               -2147483648",
        "5480,                     -128",
        "818000000000000000,       -9223372036854775808",
        "5580,                     -128",
        "723fc00000,               1.5",
        "823ff8000000000000,       1.5",
        "7300000041,               A",
        "980102030405060708090a0b0c0d0e0f10, 01020304-0506-0708-090a-0b0c0d0e0f10",
        "a0024142,                 AB",
        "b0000000024142,           AB",
        "a1024142,                 AB",
        "b1000000024142,           AB",
        "a3024142,                 AB",
        "b3000000024142,           AB",
        "45,                       []",
        "c0030241 42,              '[true, false]'",
        "d000000006 00000002 4142, '[true, false]'",
        "c105025001 5002,          {1=2}",
        "d100000008 00000002 5001 5002, {1=2}",
    })
    @Spec(section = "1.2", says = "every encoding of every primitive type is read")
    void isReadInEachOfItsEncodings(String hex, String expected) {
        assertThat(read(hex)).hasToString(expected);
    }

    @Test
    @Spec(section = "1.2", says = "every encoding of every primitive type is read")
    void mayBeATimeOrADecimal() {
        assertThat(read("40")).isNull();
        assertThat(((java.util.Date) read("8300000000000004d2")).toInstant().toEpochMilli())
                .isEqualTo(1234);
        assertThat(read("7401020304")).isInstanceOf(org.apache.qpid.proton.amqp.Decimal32.class);
        assertThat(read("840102030405060708")).isInstanceOf(org.apache.qpid.proton.amqp.Decimal64.class);
        assertThat(read("940102030405060708090a0b0c0d0e0f10"))
                .isInstanceOf(org.apache.qpid.proton.amqp.Decimal128.class);
    }

    @Test
    @Spec(section = "1.2", says = "arrays of described and nested elements are read")
    void mayBeAnArrayOfAnything() {
        assertThat((Object[]) read("e0 06 02 a3 0161 0162"))
                .extracting(Object::toString)
                .containsExactly("a", "b");
        assertThat((Object[]) read("f0 00000009 00000002 a3 0161 0162"))
                .extracting(Object::toString)
                .containsExactly("a", "b");
        assertThat((Object[]) read("e0 0a 02 c0 03015001 03015002"))
                .extracting(Object::toString)
                .containsExactly("[1]", "[2]");
        assertThat((Object[]) read("e0 07 02 00 5309 50 0102"))
                .extracting(each -> ((DescribedType) each).getDescribed().toString())
                .containsExactly("1", "2");
    }
}
