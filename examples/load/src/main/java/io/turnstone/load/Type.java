package io.turnstone.load;

/** The constructor bytes of AMQP 1.0 §1.6 that the load generator reads or writes by itself. */
final class Type {

    static final int DESCRIBED = 0x00;
    static final int NULL = 0x40;
    static final int TRUE = 0x41;
    static final int FALSE = 0x42;
    static final int UINT0 = 0x43;
    static final int ULONG0 = 0x44;
    static final int LIST0 = 0x45;
    static final int UBYTE = 0x50;
    static final int SMALL_UINT = 0x52;
    static final int SMALL_ULONG = 0x53;
    static final int BOOLEAN = 0x56;
    static final int UINT = 0x70;
    static final int ULONG = 0x80;
    static final int VBIN8 = 0xa0;
    static final int VBIN32 = 0xb0;
    static final int STR8 = 0xa1;
    static final int LIST8 = 0xc0;
    static final int LIST32 = 0xd0;

    private Type() {}
}
