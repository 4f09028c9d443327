package io.turnstone.amqp.filter;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("A mistake in a filter")
class FilterSyntaxTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`` | line 1, column 1: expected a name, a literal or (, not the end",
                "a = | line 1, column 4: expected a name, a literal or (, not the end",
                "a = 1 b | line 1, column 7: expected AND, OR or the end, not the name 'b'",
                "a = 1 = 2 | line 1, column 7: expected AND, OR or the end, not the sign '='",
                "AND a | line 1, column 1: expected a name, a literal or (, not the word 'AND'",
                "(a = 1 | line 1, column 7: expected ), not the end",
                "a = 'x | line 1, column 5: the string that begins here with ' does not end",
                "`\"a = 1` | line 1, column 1: the name that begins here with `\"` does not end",
                "a # 1 | line 1, column 3: the character '#' must stand in a string",
                "1 + 2 | line 1, column 1: a condition was expected, not a number: compare it with something",
                "a AND 'x' | line 1, column 7: a condition was expected, not a string: compare it with something",
                "a < 'x' | line 1, column 5: strings can be compared with = and <> only",
                "a > TRUE | line 1, column 5: a number or a name was expected beside >",
                "'x' = 1 | line 1, column 1: a number or a name was expected beside =",
                "a + 'x' = 1 | line 1, column 5: a number or a name was expected",
                "a = NULL | line 1, column 5: NULL can stand only behind IS or IS NOT",
                "a IS 1 | line 1, column 6: expected NULL or NOT NULL, not the number '1'",
                "a + 1 IS NULL | line 1, column 1: a name was expected before IS",
                "'x' LIKE 'x' | line 1, column 1: a name was expected before LIKE",
                "a LIKE b | line 1, column 8: expected the pattern of LIKE, a string, not the name 'b'",
                "a LIKE 'x!' ESCAPE '!' | line 1, column 8: the pattern must not end with its escape character",
                "a LIKE 'x' ESCAPE '!!' | line 1, column 19: the string behind ESCAPE must be one character",
                "a IN 'x' | line 1, column 6: expected ( and the list of IN, not the string 'x'",
                "a IN () | line 1, column 7: expected a string in the list of IN, not the sign ')'",
                "a IN (1) | line 1, column 7: expected a string in the list of IN, not the number '1'",
                "a IN ('x' 'y') | line 1, column 11: expected a comma or ) in the list of IN, not the string 'y'",
                "a BETWEEN 1 OR 2 | line 1, column 13: expected AND and the upper bound of BETWEEN, not the word 'OR'",
                "a BETWEEN 'x' AND 'y' | line 1, column 11: a number or a name was expected",
                "a NOT = 1 | line 1, column 7: expected BETWEEN, LIKE or IN, not the sign '='",
                "a = 18446744073709551616 | line 1, column 5: the number '18446744073709551616' must be less than 2^64",
                "a = 1e999 | line 1, column 5: the number '1e999' is too large",
                "a = 089 | line 1, column 5: a number that begins with 0 is octal: its digits must be 0 to 7",
                "a = 0x | line 1, column 5: a digit is missing in the number '0x'",
                "a = 1e+ | line 1, column 5: a digit is missing in the number '1e+'",
                "a = 12abc | line 1, column 5: the number '12' must not be followed by 'a'",
                "amqp.subjekt = 'x' | line 1, column 1: there is no field 'amqp.subjekt': behind amqp. must be one of",
                "a. = 1 | line 1, column 2: a name must not end with a dot",
            })
    void inASelectorIsNamedWithItsPlace(String selector, String message) {
        assertThatThrownBy(() -> ExpressionFilter.selector(selector))
                .isInstanceOf(FilterSyntaxException.class)
                .hasMessageStartingWith(message.replace("`", ""));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a BETWEEN 1 AND 2 | line 1, column 3: expected AND, OR or the end, not the name 'BETWEEN'",
                "x.y = 1 | line 1, column 1: there is no section 'x'",
                "header.colour = 1 | line 1, column 1: there is no field 'header.colour'",
                "p.message-id = 1 | line 1, column 1: there is no field 'p.message'",
                "exists(a) | line 1, column 1: expected a name, a literal or (, not the word 'EXISTS'",
                "UTC = 1 | line 1, column 5: expected UTC()",
                "a = 0xABC | line 1, column 5: a binary must have two hexadecimal digits for each byte",
                "[a = 1 | line 1, column 1: the name that begins here with [ does not end",
                "[] = 1 | line 1, column 1: a name must not be empty",
                "a IN (1, | line 1, column 9: expected a name, a literal or (, not the end",
                "_a = 1 | line 1, column 1: the character '_' must stand in a string",
            })
    void inSqlIsNamedWithItsPlace(String sql, String message) {
        assertThatThrownBy(() -> ExpressionFilter.sql(sql, () -> 0))
                .isInstanceOf(FilterSyntaxException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void isCountedInLinesAndCharacters() {
        assertThatThrownBy(() -> ExpressionFilter.selector("a = 1 AND\n  '☀️é' = b AND\n\t= 3"))
                .hasMessageStartingWith("line 3, column 2:");
        assertThatThrownBy(() -> ExpressionFilter.selector("'☀️é' = ?")).hasMessageStartingWith("line 1, column 9:");
    }

    @ParameterizedTest(name = "{0} characters of it")
    @ValueSource(ints = {32 * 1024 + 1, 10_000_000})
    void canBeItsLength(int length) {
        assertThatThrownBy(() -> ExpressionFilter.selector("a".repeat(length)))
                .hasMessage("the text has " + length + " characters, and must have at most 32768");
    }

    @Test
    void canBeTheNumberOfItsTokens() {
        assertThatThrownBy(() -> ExpressionFilter.selector("a" + " AND a".repeat(2_100)))
                .hasMessageContaining("more than 4096 words, literals and signs");
        assertThatThrownBy(() -> ExpressionFilter.sql("a" + " AND a".repeat(100), () -> 0))
                .hasMessageContaining("more than 200 words, literals and signs");
        assertThatCode(() -> ExpressionFilter.sql("a" + "+1".repeat(98) + "=1", () -> 0))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"(", "NOT ", "- ", "+", "a = (", "a IN ('x', ('y', ("})
    void canBeItsDepth(String nested) {
        assertThatThrownBy(() -> ExpressionFilter.selector(nested.repeat(1_000)))
                .isInstanceOf(FilterSyntaxException.class);
    }
}
