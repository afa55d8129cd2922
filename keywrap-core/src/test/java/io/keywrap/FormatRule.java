package io.keywrap;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Which numbered rules of docs/format.md a test shows; {@link FormatRulesTest} sees that none goes without. */
@Retention(RetentionPolicy.SOURCE)
@Target({ElementType.METHOD, ElementType.TYPE})
public @interface FormatRule {
    /** The ids, such as {@code "H1"}. */
    String[] value();
}
