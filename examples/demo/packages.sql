-- The demo's tables: what dpkg knows of this machine.
CREATE TABLE packages (
	name         TEXT NOT NULL PRIMARY KEY,
	version      TEXT NOT NULL,
	architecture TEXT NOT NULL,
	section      TEXT,
	priority     TEXT,
	installed_kb INTEGER,
	maintainer   TEXT,
	summary      TEXT
);
CREATE TABLE raw (a, b, c, d, e, f INTEGER, g, h);
CREATE TABLE depends (
	package TEXT NOT NULL REFERENCES packages (name),
	needs   TEXT NOT NULL,
	PRIMARY KEY (package, needs)
);
CREATE VIEW largest AS
	SELECT name, section, installed_kb FROM packages
	ORDER BY installed_kb DESC LIMIT 50;
