package com.example.acme;

import io.keywrap.testkit.InMemoryKeychainStore;

/** What somebody who writes a store keeps records in. */
public final class AcmeDatabase {
    final InMemoryKeychainStore rows = new InMemoryKeychainStore();
}
