/**
 * KEKs in AWS KMS: {@code aws-kms://arn:aws:kms:…}.
 *
 * <p>Here: the provider over a {@code KmsClient}, the map of AWS errors to those of keywrap, and the grammar of key ARNs.
 * Not here: caches, retries and states, which are the stack's. Imports {@code io.keywrap} and {@code io.keywrap.provider}.
 * Start with {@link io.keywrap.aws.AwsKms}.
 */
@NullMarked
package io.keywrap.aws;

import org.jspecify.annotations.NullMarked;
