-- Runs once, as the administrator, when the data directory is new.
-- A statement that fails is logged, and this one has a password in it.
SET log_min_error_statement = panic;
\set password `cat /run/secrets/vector-db-password`
CREATE ROLE "toolkit" LOGIN PASSWORD :'password';
RESET log_min_error_statement;
ALTER DATABASE "toolkit" OWNER TO "toolkit";
CREATE EXTENSION IF NOT EXISTS vector;
