package io.keywrap.revocation;

import io.keywrap.KekId;

/**
 * What is enabled and disabled as one.
 *
 * @param kekId the KEK
 * @param version as wraps name it
 */
record VersionInUse(KekId kekId, String version) {}
