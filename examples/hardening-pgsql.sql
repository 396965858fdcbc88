-- SPDX-License-Identifier: ISC
-- An account on PostgreSQL that can read one schema and do nothing else.  Run
-- it in the database of the source, as a superuser:
--
--     psql -v role=mcp_read -v schema=public -f hardening-pgsql.sql shop
--
-- Give the account a password afterwards (\password mcp_read) and name it in
-- mcp.conf.  What it takes from PUBLIC is taken from every account of this
-- database that was not granted it by name; "mcpctl doctor" says what is left.
-- One account per source: accounts that are shared can end each other's
-- statements.
\set ON_ERROR_STOP on

SELECT format('CREATE ROLE %I LOGIN', :'role')
WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = :'role') \gexec

ALTER ROLE :"role" NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION
    NOBYPASSRLS NOINHERIT;
ALTER ROLE :"role" SET default_transaction_read_only = on;
ALTER ROLE :"role" SET statement_timeout = '5min';
ALTER ROLE :"role" SET idle_in_transaction_session_timeout = '5min';
ALTER ROLE :"role" SET temp_file_limit = '1GB';

-- Nobody makes anything here who was not told to.
SELECT format('REVOKE CREATE, TEMPORARY ON DATABASE %I FROM PUBLIC, %I',
    current_database(), :'role') \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', current_database(),
    :'role') \gexec
REVOKE CREATE ON SCHEMA :"schema" FROM PUBLIC, :"role";

-- Reading, also of tables that come later.
GRANT USAGE ON SCHEMA :"schema" TO :"role";
GRANT SELECT ON ALL TABLES IN SCHEMA :"schema" TO :"role";
ALTER DEFAULT PRIVILEGES IN SCHEMA :"schema" GRANT SELECT ON TABLES TO :"role";

-- Functions that change something even in a read-only transaction, or that
-- reach beyond the database.
SELECT format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', oid::regprocedure)
FROM pg_proc
WHERE prokind = 'f' AND (proname LIKE ANY (ARRAY['lo\_%', 'pg\_advisory\_%',
        'pg\_try\_advisory\_%', 'dblink%', 'pg\_replication\_%',
        'pg\_%\_replication\_%'])
    OR proname IN ('lowrite', 'loread', 'pg_notify', 'pg_terminate_backend',
        'pg_cancel_backend', 'pg_logical_emit_message', 'pg_export_snapshot',
        'pg_stat_reset', 'txid_current', 'pg_current_xact_id')) \gexec
