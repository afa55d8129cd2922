-- Schema 1 of keywrap's store of keychains, for PostgreSQL. docs/guides/database-store.md explains it.
-- Run it once, in one transaction, in the schema that comes first in the search_path of the store's connections.

CREATE TABLE keywrap_schema (
    version INTEGER NOT NULL
);

-- A row for each keychain. The record is the truth; every other column repeats something of it.
CREATE TABLE keywrap_keychain (
    keychain_id        TEXT COLLATE "C" PRIMARY KEY,
    revision           BIGINT NOT NULL,
    key_management     TEXT NOT NULL,
    primary_since      BIGINT,
    decrypt_only_since BIGINT,
    destroyed_since    BIGINT,
    record             BYTEA NOT NULL
);

-- Ciphertext does not compress.
ALTER TABLE keywrap_keychain ALTER COLUMN record SET STORAGE EXTERNAL;

CREATE INDEX keywrap_keychain_management ON keywrap_keychain (key_management, keychain_id);
CREATE INDEX keywrap_keychain_primary ON keywrap_keychain (primary_since);
CREATE INDEX keywrap_keychain_decrypt_only ON keywrap_keychain (decrypt_only_since);
CREATE INDEX keywrap_keychain_destroyed ON keywrap_keychain (destroyed_since);

-- A row for each KEK in each role and version (RECIPIENT, WRAP), and for each pair of the key context (CONTEXT).
CREATE TABLE keywrap_term (
    keychain_id TEXT COLLATE "C" NOT NULL REFERENCES keywrap_keychain ON DELETE CASCADE,
    kind        TEXT COLLATE "C" NOT NULL,
    role        TEXT COLLATE "C" NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    value       TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (keychain_id, kind, role, name, value)
);

CREATE INDEX keywrap_term_name ON keywrap_term (name, keychain_id);
CREATE INDEX keywrap_term_value ON keywrap_term (name, value, keychain_id);
CREATE INDEX keywrap_term_role ON keywrap_term (role, keychain_id);

-- Last, so that a schema that was made by half is none.
INSERT INTO keywrap_schema (version) VALUES (1);
