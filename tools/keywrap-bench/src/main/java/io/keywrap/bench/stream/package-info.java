/**
 * Whole objects: what keywrap and its peers take for a gigabyte. {@code Race} starts a JVM for each contestant, {@code Heat}
 * is what runs in it.
 */
@NullMarked
package io.keywrap.bench.stream;

import org.jspecify.annotations.NullMarked;
