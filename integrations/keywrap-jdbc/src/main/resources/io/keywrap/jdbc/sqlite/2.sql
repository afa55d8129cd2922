-- Schema 2 of keywrap's store of keychains, for SQLite, from schema 1. docs/guides/database-store.md explains it.
-- Run it once, in one transaction.

-- A row for each note that processes leave for each other. Nothing in it is believed.
CREATE TABLE keywrap_note (
    name     TEXT NOT NULL PRIMARY KEY,
    revision INTEGER NOT NULL CHECK (revision > 0),
    content  BLOB NOT NULL
) STRICT;

-- Last, so that a schema that was made by half is none.
UPDATE keywrap_schema SET version = 2;
