package io.turnstone.amqp.management;

import io.turnstone.amqp.terms.PercentEncoding;
import io.turnstone.api.Binding;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The address of one binding, such as {@code src=orders;dstq=eu;key=order.%23;args=}: its parts percent-encoded, and a hash
 * of its arguments that is the broker's own. Immutable.
 *
 * @param source the exchange
 * @param destination the queue or exchange
 * @param toExchange whether it is an exchange
 * @param key the binding key
 * @param hash of the arguments; empty without
 */
record BindingLocation(String source, String destination, boolean toExchange, String key, String hash) {

    private static final String TEXT = "([0-9A-Za-z\\-._~%]*)";
    private static final Pattern FORM =
            Pattern.compile("src=" + TEXT + ";dst([eq])=" + TEXT + ";key=" + TEXT + ";args=([0-9A-Za-z\\-_]*)");
    /** Enough that bindings between the same two with the same key do not meet. */
    private static final int HASH_BYTES = 12;

    /** @throws RequestRefusal when it has another form */
    static BindingLocation parse(String segment) {
        Matcher match = FORM.matcher(segment);
        if (!match.matches()) {
            throw RequestRefusal.bad("bad binding path segment '" + segment
                    + "'; it must be src=EXCHANGE;dstq=QUEUE;key=KEY;args=HASH (or dste=EXCHANGE), percent-encoded");
        }
        return new BindingLocation(
                RequestPath.decoded(match.group(1)),
                RequestPath.decoded(match.group(3)),
                match.group(2).equals("e"),
                RequestPath.decoded(match.group(4)),
                match.group(5));
    }

    static BindingLocation of(Binding binding) {
        return new BindingLocation(
                binding.exchange(),
                binding.destination(),
                binding.toExchange(),
                binding.key(),
                hash(binding.arguments()));
    }

    /** As a path. */
    String path() {
        return "/bindings/src=" + PercentEncoding.encode(source) + ";dst" + (toExchange ? "e=" : "q=")
                + PercentEncoding.encode(destination) + ";key=" + PercentEncoding.encode(key) + ";args=" + hash;
    }

    private static String hash(Map<String, Object> arguments) {
        if (arguments.isEmpty()) {
            return "";
        }
        var text = new StringBuilder();
        write(text, arguments);
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().encodeToString(java.util.Arrays.copyOf(digest, HASH_BYTES));
        } catch (NoSuchAlgorithmException everyJdkHasIt) {
            throw new IllegalStateException(everyJdkHasIt);
        }
    }

    /** The same text for equal values, in whichever order their keys are. */
    private static void write(StringBuilder text, Object value) {
        if (value instanceof Map<?, ?> map) {
            var sorted = new TreeMap<String, Object>();
            map.forEach((key, element) -> sorted.put(String.valueOf(key), element));
            text.append('{').append(sorted.size());
            sorted.forEach((key, element) -> {
                write(text, key);
                write(text, element);
            });
        } else if (value instanceof List<?> list) {
            text.append('[').append(list.size());
            list.forEach(element -> write(text, element));
        } else {
            String plain = value.toString();
            text.append(value.getClass().getSimpleName())
                    .append(plain.length())
                    .append(':')
                    .append(plain);
        }
    }
}
