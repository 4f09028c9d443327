package io.turnstone.broker.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * One pass over a file: where problems go, what relative paths start from, and the environment.
 *
 * @param problems collects what is wrong
 * @param base the folder that relative paths start from
 * @param environment for <code>${NAME:-default}</code>; <code>$${</code> stands for itself with one dollar
 * @param plugins what is known about plugins
 */
record Reading(Problems problems, Path base, Map<String, String> environment, InstalledPlugins plugins) {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\$\\{|\\$\\{([^}]*)(}?)");
    private static final String ESCAPED = "$${";
    private static final Pattern VARIABLE = Pattern.compile("([A-Za-z_][A-Za-z0-9_]*)(:-(.*))?", Pattern.DOTALL);

    void problem(Node at, String label, String text) {
        problems.add(at, label.isEmpty() ? text : label + " " + text);
    }

    /** The text of a scalar with its variables filled in; null after a problem with one of them was reported. */
    @Nullable
    String text(ScalarNode node, String label) {
        String written = node.getValue();
        if (!written.contains("${")) {
            return written;
        }
        int before = problems.count();
        Matcher placeholder = PLACEHOLDER.matcher(written);
        var filled = new StringBuilder();
        while (placeholder.find()) {
            String value = placeholder.group().equals(ESCAPED) ? "${" : value(placeholder, node, label);
            placeholder.appendReplacement(filled, Matcher.quoteReplacement(value));
        }
        return problems.count() > before ? null : placeholder.appendTail(filled).toString();
    }

    private String value(Matcher placeholder, ScalarNode node, String label) {
        Matcher variable = VARIABLE.matcher(placeholder.group(1));
        if (placeholder.group(2).isEmpty()) {
            problem(node, label, "has a '${' without its '}'; write ${NAME} or ${NAME:-default}");
            return "";
        }
        if (!variable.matches()) {
            problem(
                    node,
                    label,
                    "has '" + placeholder.group()
                            + "', which names no environment variable; write ${NAME} or ${NAME:-default}");
            return "";
        }
        String name = variable.group(1);
        String value = environment.get(name);
        if (value == null || value.isEmpty()) {
            value = variable.group(3);
        }
        if (value == null) {
            problem(
                    node,
                    label,
                    "names the environment variable " + name + ", which is not set; set it or write ${" + name
                            + ":-default}");
            return "";
        }
        return value;
    }
}
