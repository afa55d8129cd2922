-- Schema 1 of keywrap's store of keychains, for SQLite. docs/guides/database-store.md explains it.
-- Run it once, in one transaction. Before, for the file: PRAGMA journal_mode = WAL

CREATE TABLE keywrap_schema (
    version INTEGER NOT NULL
);

-- A row for each keychain. The record is the truth; every other column repeats something of it.
CREATE TABLE keywrap_keychain (
    keychain_id        TEXT NOT NULL PRIMARY KEY,
    revision           INTEGER NOT NULL,
    key_management     TEXT NOT NULL,
    primary_since      INTEGER,
    decrypt_only_since INTEGER,
    destroyed_since    INTEGER,
    record             BLOB NOT NULL
) STRICT;

CREATE INDEX keywrap_keychain_management ON keywrap_keychain (key_management, keychain_id);
CREATE INDEX keywrap_keychain_primary ON keywrap_keychain (primary_since);
CREATE INDEX keywrap_keychain_decrypt_only ON keywrap_keychain (decrypt_only_since);
CREATE INDEX keywrap_keychain_destroyed ON keywrap_keychain (destroyed_since);

-- A row for each KEK in each role and version (RECIPIENT, WRAP), and for each pair of the key context (CONTEXT).
CREATE TABLE keywrap_term (
    keychain_id TEXT NOT NULL REFERENCES keywrap_keychain ON DELETE CASCADE,
    kind        TEXT NOT NULL,
    role        TEXT NOT NULL,
    name        TEXT NOT NULL,
    value       TEXT NOT NULL,
    PRIMARY KEY (keychain_id, kind, role, name, value)
) STRICT, WITHOUT ROWID;

CREATE INDEX keywrap_term_name ON keywrap_term (name, keychain_id);
CREATE INDEX keywrap_term_value ON keywrap_term (name, value, keychain_id);
CREATE INDEX keywrap_term_role ON keywrap_term (role, keychain_id);

-- Last, so that a schema that was made by half is none.
INSERT INTO keywrap_schema (version) VALUES (1);
