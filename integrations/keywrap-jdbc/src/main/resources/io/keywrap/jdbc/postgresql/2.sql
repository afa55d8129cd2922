-- Schema 2 of keywrap's store of keychains, for PostgreSQL, from schema 1. docs/guides/database-store.md explains it.
-- Run it once, in one transaction, in the schema that comes first in the search_path of the connections.

-- A row for each note that processes leave for each other. Nothing in it is believed.
CREATE TABLE keywrap_note (
    name     TEXT COLLATE "C" PRIMARY KEY,
    revision BIGINT NOT NULL CHECK (revision > 0),
    content  BYTEA NOT NULL
);

-- Last, so that a schema that was made by half is none.
UPDATE keywrap_schema SET version = 2;
