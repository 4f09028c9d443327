package io.turnstone.amqp.management;

import io.turnstone.amqp.terms.PercentEncoding;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The target of a request, such as {@code /bindings?src=x&dstq=q&key=k}. Immutable.
 *
 * @param segments the parts of the path as they came, still percent-encoded
 * @param query the parameters, decoded
 */
record RequestPath(List<String> segments, Map<String, String> query) {

    /** More would be no address of ours. */
    private static final int MAX_LENGTH = 8_192;

    private static final int MAX_SEGMENTS = 8;

    /** @throws RequestRefusal when it does not begin with a slash or is not percent-encoded */
    static RequestPath of(String target) {
        if (target.length() > MAX_LENGTH || !target.startsWith("/")) {
            throw RequestRefusal.bad(
                    "the target of a request (its 'to') must be a path such as /queues/NAME, of at most " + MAX_LENGTH
                            + " characters");
        }
        int question = target.indexOf('?');
        String path = question < 0 ? target : target.substring(0, question);
        return new RequestPath(
                List.of(path.substring(1).split("/", MAX_SEGMENTS)),
                question < 0 ? Map.of() : query(target.substring(question + 1)));
    }

    private static Map<String, String> query(String text) {
        var query = new HashMap<String, String>();
        for (String parameter : text.split("&", -1)) {
            int equals = parameter.indexOf('=');
            if (equals > 0) {
                // A plus is a space here, and nowhere else in an address.
                query.put(
                        parameter.substring(0, equals),
                        decoded(parameter.substring(equals + 1).replace('+', ' ')));
            } else if (!parameter.isEmpty()) {
                throw RequestRefusal.bad("query parameter '" + parameter + "' must be NAME=VALUE");
            }
        }
        return query;
    }

    /** The text behind a percent-encoded one. */
    static String decoded(String encoded) {
        String decoded = PercentEncoding.decode(encoded);
        if (decoded == null) {
            throw RequestRefusal.bad("'" + encoded + "' is not percent-encoded UTF-8: write % as %25");
        }
        return decoded;
    }

    /** A part of the path, decoded. */
    String name(int index) {
        return decoded(segments.get(index));
    }

    /** Whether the path has this form; {@code null} stands for any segment. */
    boolean is(@Nullable String... form) {
        if (form.length != segments.size()) {
            return false;
        }
        for (int i = 0; i < form.length; i++) {
            if (form[i] != null && !segments.get(i).equals(form[i])) {
                return false;
            }
        }
        return true;
    }
}
