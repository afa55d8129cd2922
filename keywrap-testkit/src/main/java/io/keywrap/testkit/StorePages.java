package io.keywrap.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keywrap.store.KeychainFilter;
import io.keywrap.store.KeychainStore;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads a store's list as the interface says it is read. */
final class StorePages {
    private StorePages() {}

    /** All ids, in pages of one size; a page that is not full is the last, and no id comes twice. */
    static List<String> all(KeychainStore store, KeychainFilter filter, int limit) {
        Set<String> ids = new LinkedHashSet<>();
        Optional<String> last = Optional.empty();
        while (true) {
            List<String> page = store.list(filter, last, limit);
            assertTrue(page.size() <= limit, () -> page.size() + " ids in a page of " + limit);
            for (String id : page) {
                assertTrue(ids.add(id), () -> id + " is listed twice");
            }
            if (!page.isEmpty()) {
                last = Optional.of(page.get(page.size() - 1));
            }
            if (page.size() < limit) {
                assertEquals(List.of(), store.list(filter, last, page.isEmpty() ? limit : 1), "behind the last page");
                return new ArrayList<>(ids);
            }
        }
    }
}
