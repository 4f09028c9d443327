package io.turnstone.broker;

/** Where the broker starts; so far it says which version it is. */
public final class Main {

    private Main() {}

    /** Runs the command line. */
    public static void main(String[] args) {
        System.out.println("turnstone " + Version.text());
    }
}
