package io.turnstone.store.tools;

/** The words of exports; docs/export.md describes them. */
final class ExportFormat {

    /** Version 1 had no keys. */
    static final int VERSION = 2;

    static final String VERSION_KEY = "version";
    static final String HEAD = "turnstone-export";
    static final String DEFINITION = "definition";
    static final String KEY = "key";
    static final String MESSAGE = "message";
    static final String BODY = "body";
    static final String END = "end";

    private ExportFormat() {}
}
