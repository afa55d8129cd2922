/**
 * What happens before the first backup of a customer: the reference that they paste, who is to be allowed what on their
 * key, and whether the key will do.
 *
 * <p>Here: what is the same in every cloud. Not here: how a cloud names its keys and writes its policies, which is in the
 * adapter of that cloud. Imports {@code io.keywrap}, {@code codec} and {@code provider}. Start with
 * {@link io.keywrap.onboarding.KeyReference}, {@link io.keywrap.onboarding.VendorAccess} and
 * {@link io.keywrap.onboarding.Preflight}.
 */
@NullMarked
package io.keywrap.onboarding;

import org.jspecify.annotations.NullMarked;
