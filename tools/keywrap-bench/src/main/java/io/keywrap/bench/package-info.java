/** What keywrap costs, beside its peers. */
@NullMarked
package io.keywrap.bench;

import org.jspecify.annotations.NullMarked;
