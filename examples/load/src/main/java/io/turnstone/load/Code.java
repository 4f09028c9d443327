package io.turnstone.load;

/** The descriptors of the performatives, outcomes and sections that the load generator reads or writes by itself. */
final class Code {

    static final int OPEN = 0x10;
    static final int BEGIN = 0x11;
    static final int ATTACH = 0x12;
    static final int FLOW = 0x13;
    static final int TRANSFER = 0x14;
    static final int DISPOSITION = 0x15;
    static final int DETACH = 0x16;
    static final int END = 0x17;
    static final int CLOSE = 0x18;

    static final int RECEIVED = 0x23;
    static final int ACCEPTED = 0x24;

    static final int HEADER = 0x70;
    static final int PROPERTIES = 0x73;
    static final int DATA = 0x75;

    private Code() {}
}
