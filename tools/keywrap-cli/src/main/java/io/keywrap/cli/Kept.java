package io.keywrap.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What no OUT may take the place of, since data cannot be read without it: the key stores, the password file and the
 * store. All by their real paths.
 *
 * @param files the files, and what each is
 * @param folders the folders, and what each is
 */
record Kept(Map<Path, String> files, Map<Path, String> folders) {

    /** That of a command, which may work without a store. */
    static Kept of(KeywrapCommand root, Optional<StorePlace> store) {
        Kept kept = new Kept(new LinkedHashMap<>(), new LinkedHashMap<>());
        root.keyStoreFiles().byName().forEach((name, file) -> put(kept.files, file, "the key store '" + name + "'"));
        root.passwordFile().ifPresent(file -> put(kept.files, file, "the password file"));
        root.storePasswordFile().ifPresent(file -> put(kept.files, file, "the password file of the store"));
        store.ifPresent(kept::add);
        root.slots().ifPresent(slots -> kept.add(slots.store()));
        return kept;
    }

    private void add(StorePlace store) {
        store.file().ifPresent(file -> {
            for (String part : List.of("", "-wal", "-shm", "-journal")) {
                put(files, file.resolveSibling(file.getFileName() + part), "the store");
            }
        });
        store.folder().ifPresent(folder -> {
            put(folders, folder, "the store");
            put(folders, folder.resolve("records"), "the store"); // It may be a link to elsewhere.
        });
    }

    private static void put(Map<Path, String> kept, Path path, String what) {
        try {
            kept.put(TreeTarget.realPathToBe(path), what);
        } catch (IOException e) {
            // A pipe, or a link that leads nowhere: nothing that could be replaced.
        }
    }

    /** Refuses a target, which may be missing yet, that is or lies in any of these. */
    void refuse(Path target) throws IOException {
        Path real = TreeTarget.realPathToBe(target);
        String file = files.get(real);
        if (file != null) {
            throw refusal("is " + file, target);
        }
        for (Map.Entry<Path, String> folder : folders.entrySet()) {
            if (real.startsWith(folder.getKey())) {
                throw refusal("is inside of " + folder.getValue(), target);
            }
        }
    }

    private static UsageException refusal(String what, Path target) {
        return new UsageException("OUT " + what + ": " + target + "; to do: choose another OUT");
    }
}
