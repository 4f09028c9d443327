package io.turnstone.broker.config;

import java.util.Collection;
import java.util.Locale;

/** Finds what a user probably meant. */
final class Suggestion {

    private Suggestion() {}

    /** Whether one of the candidates was probably meant. */
    static boolean near(String written, Collection<String> candidates) {
        return among(written, candidates).startsWith("did you mean");
    }

    /** A sentence with more to follow. */
    static String sentence(String written, Collection<String> candidates) {
        String among = among(written, candidates);
        return among.endsWith("?") ? among : among + ".";
    }

    /** A sentence for the end of a message: the nearest candidate, or all of them when none is near. */
    static String among(String written, Collection<String> candidates) {
        String best = "";
        int bestDistance = Integer.MAX_VALUE;
        for (String candidate : candidates) {
            int distance = distance(written.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
            if (distance < bestDistance) {
                best = candidate;
                bestDistance = distance;
            }
        }
        if (!best.isEmpty() && bestDistance <= Math.max(1, written.length() / 3)) {
            return "did you mean '" + best + "'?";
        }
        if (candidates.isEmpty()) {
            return "there is none to choose from";
        }
        return "choose one of: "
                + String.join(", ", candidates.stream().limit(20).toList())
                + (candidates.size() > 20 ? ", …" : "");
    }

    /** Levenshtein's distance with adjacent transpositions counted once. */
    private static int distance(String a, String b) {
        if (Math.abs(a.length() - b.length()) > 8 || a.length() > 64) {
            return Integer.MAX_VALUE;
        }
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            cost[i][0] = i;
        }
        for (int j = 0; j <= b.length(); j++) {
            cost[0][j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            for (int j = 1; j <= b.length(); j++) {
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                cost[i][j] = Math.min(Math.min(cost[i - 1][j] + 1, cost[i][j - 1] + 1), cost[i - 1][j - 1] + change);
                boolean swapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                if (swapped) {
                    cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
                }
            }
        }
        return cost[a.length()][b.length()];
    }
}
