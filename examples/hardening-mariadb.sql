-- SPDX-License-Identifier: ISC
-- An account on MariaDB or MySQL that can read one database and do nothing
-- else.  Put its names in the first lines and run it as an administrator:
--
--     mariadb < hardening-mariadb.sql
--
-- Then give the account a password and name it in mcp.conf:
--
--     SET PASSWORD FOR 'mcp_read'@'localhost' = PASSWORD('...');
--
-- The server lets every account set its own password, with any right or none;
-- a source lets no statement do it.  What is left of dangerous rights "mcpctl
-- doctor" says.  One account per source: accounts that are shared can end each
-- other's statements.
SET @account = 'mcp_read', @host = 'localhost', @base = 'shop';

SET @who = CONCAT(QUOTE(@account), '@', QUOTE(@host));
SET @what = CONCAT('`', REPLACE(REPLACE(REPLACE(@base, '`', '``'), '_', '\\_'),
    '%', '\\%'), '`.*');

EXECUTE IMMEDIATE CONCAT('CREATE USER IF NOT EXISTS ', @who);

-- Whatever it was given before: FILE, SUPER, PROCESS, EXECUTE and the rest.
EXECUTE IMMEDIATE CONCAT('REVOKE ALL PRIVILEGES, GRANT OPTION FROM ', @who);

-- Reading.  With SHOW VIEW a source with hidden names can tell which views
-- lead to them; without it no view is shown there.
EXECUTE IMMEDIATE CONCAT('GRANT SELECT, SHOW VIEW ON ', @what, ' TO ', @who);

-- A statement that nobody waits for any more ends by itself, and one account
-- cannot take all connections of the server.
EXECUTE IMMEDIATE CONCAT('ALTER USER ', @who,
    ' WITH MAX_STATEMENT_TIME 300 MAX_USER_CONNECTIONS 50');
