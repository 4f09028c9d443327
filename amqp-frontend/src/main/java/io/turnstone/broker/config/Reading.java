package io.turnstone.broker.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * One pass over a file: where problems go, what relative paths start from, and the environment.
 *
 * @param problems collects what is wrong
 * @param base the folder that relative paths start from
 * @param environment for <code>${NAME:-default}</code>
 */
record Reading(Problems problems, Path base, Map<String, String> environment) {

    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)(:-([^}]*))?}");

    void problem(Node at, String label, String text) {
        problems.add(at, label.isEmpty() ? text : label + " " + text);
    }

    /** The text of a scalar with its variables filled in. */
    String text(ScalarNode node, String label) {
        String written = node.getValue();
        if (!written.contains("${")) {
            return written;
        }
        Matcher matcher = VARIABLE.matcher(written);
        var filled = new StringBuilder();
        while (matcher.find()) {
            String name = matcher.group(1);
            String value = environment.get(name);
            if (value == null || value.isEmpty()) {
                value = matcher.group(3);
            }
            if (value == null) {
                problem(
                        node,
                        label,
                        "names the environment variable " + name + ", which is not set; set it or write ${" + name
                                + ":-default}");
                value = "";
            }
            matcher.appendReplacement(filled, Matcher.quoteReplacement(value));
        }
        return matcher.appendTail(filled).toString();
    }
}
