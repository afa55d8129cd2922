/**
 * Moving DEKs to other KEKs and versions without touching data, and what still depends on the old ones.
 *
 * <p>May import every other package of keywrap; none imports it. Start with {@link io.keywrap.rewrap.Dependents}.
 */
@NullMarked
package io.keywrap.rewrap;

import org.jspecify.annotations.NullMarked;
