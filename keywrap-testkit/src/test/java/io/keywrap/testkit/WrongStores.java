package io.keywrap.testkit;

import io.keywrap.KeychainSealBrokenException;
import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainRecord;
import io.keywrap.store.KeychainStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Stores that are wrong in more than a line, each with the contract that they break. */
final class WrongStores {
    private WrongStores() {}

    /** Answers from what it has read before, for ever. */
    static final class OfCachingStores extends KeychainStoreContract {
        private final InMemoryKeychainStore place = new InMemoryKeychainStore();

        @Override
        protected KeychainStore open() {
            Map<String, Optional<KeychainRecord>> read = new ConcurrentHashMap<>();
            return new ForwardingStore(place) {
                @Override
                public Optional<KeychainRecord> load(String keychainId) {
                    return read.computeIfAbsent(keychainId, super::load);
                }

                @Override
                public void replace(KeychainRecord record, long expectedRevision) {
                    super.replace(record, expectedRevision);
                    read.put(record.keychainId(), Optional.of(record));
                }
            };
        }
    }

    /** Keeps what is created to itself until it is closed. */
    static final class OfLateStores extends KeychainStoreContract {
        private final InMemoryKeychainStore place = new InMemoryKeychainStore();

        @Override
        protected KeychainStore open() {
            return new LateStore(place);
        }
    }

    private static final class LateStore extends ForwardingStore implements AutoCloseable {
        private final InMemoryKeychainStore place;

        LateStore(InMemoryKeychainStore place) {
            super(new InMemoryKeychainStore());
            this.place = place;
            StorePages.all(place, KeychainFilter.all(), 100)
                    .forEach(id -> super.create(place.load(id).orElseThrow()));
        }

        @Override
        public void close() {
            StorePages.all(this, KeychainFilter.all(), 100).forEach(id -> {
                if (place.load(id).isEmpty()) {
                    place.create(load(id).orElseThrow());
                }
            });
        }
    }

    /** Begins anew when it is opened after it was closed. */
    static final class OfForgetfulStores extends KeychainStoreContract {
        private InMemoryKeychainStore place = new InMemoryKeychainStore();

        @Override
        protected KeychainStore open() {
            return new ForgetfulStore();
        }

        private final class ForgetfulStore extends ForwardingStore implements AutoCloseable {
            ForgetfulStore() {
                super(place);
            }

            @Override
            public void close() {
                place = new InMemoryKeychainStore();
            }
        }
    }

    /** Is empty for a moment while it replaces: until a reader has seen it, if there is one. */
    static final class OfStoresWithAGap extends KeychainStoreContract {
        private final InMemoryKeychainStore place = new InMemoryKeychainStore();
        private volatile boolean gap;

        @Override
        protected KeychainStore open() {
            return new ForwardingStore(place) {
                @Override
                public Optional<KeychainRecord> load(String keychainId) {
                    if (gap) {
                        gap = false;
                        return Optional.empty();
                    }
                    return super.load(keychainId);
                }

                @Override
                public void replace(KeychainRecord record, long expectedRevision) {
                    gap = true;
                    long end = System.nanoTime() + Duration.ofMillis(20).toNanos();
                    while (gap && System.nanoTime() < end) {
                        Thread.onSpinWait();
                    }
                    gap = false;
                    super.replace(record, expectedRevision);
                }
            };
        }
    }

    /** Takes what it cannot read for nothing. */
    static final class OfForgivingStores extends KeychainStoreContract {
        private final InMemoryKeychainStore place = new InMemoryKeychainStore();

        @Override
        protected KeychainStore open() {
            return new ForwardingStore(place) {
                @Override
                public Optional<KeychainRecord> load(String keychainId) {
                    try {
                        return super.load(keychainId);
                    } catch (KeychainSealBrokenException e) {
                        return Optional.empty();
                    }
                }

                @Override
                public List<String> list(KeychainFilter filter, Optional<String> after, int limit) {
                    return super.list(filter.leavingOutUnreadable(), after, limit);
                }
            };
        }

        @Override
        protected void damage(String keychainId) {
            place.damage(keychainId);
        }
    }
}
