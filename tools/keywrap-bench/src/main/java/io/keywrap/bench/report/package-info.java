/**
 * What was measured, as a page with tables, ratios and plots, and what is measured from outside, process by process.
 *
 * <p>Everything that measures writes {@link io.keywrap.bench.report.Series} to a file, a line of JSON each; only
 * {@link io.keywrap.bench.report.Report} reads them. Begin with {@code Report}, {@code Targets} and {@code Shell}.
 */
@NullMarked
package io.keywrap.bench.report;

import org.jspecify.annotations.NullMarked;
