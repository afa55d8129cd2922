/**
 * What happens before the first backup of a customer: the reference that they paste, and who is to be allowed what on their
 * key.
 *
 * <p>Here: what is the same in every cloud. Not here: how a cloud names its keys and writes its policies, which is in the
 * adapter of that cloud. Imports {@code io.keywrap}. Start with {@link io.keywrap.onboarding.KeyReference} and
 * {@link io.keywrap.onboarding.VendorAccess}.
 */
@NullMarked
package io.keywrap.onboarding;

import org.jspecify.annotations.NullMarked;
