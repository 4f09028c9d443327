package io.turnstone.amqp;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Says which line of the checklist of the AMQP 1.0 specification, {@code conformance.txt}, a test shows. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@Repeatable(Spec.All.class)
public @interface Spec {

    /** The number of the section in the OASIS Standard, such as 2.6.7. */
    String section();

    /** What it asks for, in the words of the checklist. */
    String says();

    /** Several at one test. */
    @Documented
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.METHOD)
    public @interface All {
        /** Each of them. */
        Spec[] value();
    }
}
