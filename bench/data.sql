-- The data of the benchmark: 10,000 customers and 100,000 orders, every value a
-- function of the row's number.
PRAGMA journal_mode = WAL;
BEGIN;
CREATE TABLE customers (
	id      INTEGER PRIMARY KEY,
	name    TEXT NOT NULL,
	country TEXT NOT NULL
);
CREATE TABLE orders (
	id          INTEGER PRIMARY KEY,
	customer_id INTEGER NOT NULL REFERENCES customers (id),
	status      TEXT NOT NULL,
	channel     TEXT NOT NULL,
	sku         TEXT NOT NULL,
	quantity    INTEGER NOT NULL,
	total       REAL NOT NULL,
	created_at  TEXT NOT NULL
);
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
INSERT INTO customers
SELECT i, 'Customer ' || i, substr('DEFRPLUSJPBR', 1 + 2 * (i * 7919 % 6), 2)
FROM n;
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000),
m (i, a) AS (SELECT i, i * 48271 % 2147483647 FROM n)
INSERT INTO orders
SELECT i, 1 + a % 10000,
    CASE a / 7 % 5 WHEN 0 THEN 'new' WHEN 1 THEN 'paid' WHEN 2 THEN 'shipped'
        WHEN 3 THEN 'returned' ELSE 'cancelled' END,
    CASE a / 11 % 4 WHEN 0 THEN 'web' WHEN 1 THEN 'store' WHEN 2 THEN 'phone'
        ELSE 'partner' END,
    'SKU-' || (10000 + a % 20000) || '-' || (10 + a / 13 % 90),
    1 + a % 9,
    round((100 + a % 99900) / 100.0 * (1 + a % 9), 2),
    datetime(1640995200 + i * 600, 'unixepoch')
FROM m;
COMMIT;
ANALYZE;
PRAGMA wal_checkpoint (TRUNCATE);
