// Tables of a proxy's own store. Times are milliseconds since the epoch.

export const SCHEMA = `
PRAGMA journal_mode = WAL;
PRAGMA synchronous = NORMAL;
PRAGMA foreign_keys = ON;

CREATE TABLE IF NOT EXISTS meta (
	key TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS namespaces (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	backend TEXT NOT NULL,
	pattern TEXT NOT NULL,
	status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled', 'migrating')),
	backend_config TEXT NOT NULL,
	consistency TEXT,
	cache_ttl_seconds INTEGER,
	rate_limit_rps INTEGER,
	tags TEXT NOT NULL,
	created_at INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	created_by TEXT NOT NULL,
	config TEXT NOT NULL,
	version INTEGER NOT NULL,
	owner TEXT NOT NULL,
	description TEXT NOT NULL,
	quota TEXT
) STRICT;

CREATE TABLE IF NOT EXISTS history (
	id INTEGER PRIMARY KEY,
	namespace TEXT NOT NULL,
	operation TEXT NOT NULL CHECK (operation IN ('create', 'update', 'delete')),
	old_config TEXT,
	new_config TEXT,
	changed_by TEXT NOT NULL,
	changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS history_by_namespace ON history (namespace, id);

CREATE TABLE IF NOT EXISTS feature_flags (
	namespace TEXT NOT NULL REFERENCES namespaces (name) ON DELETE CASCADE,
	flag TEXT NOT NULL,
	enabled INTEGER NOT NULL,
	PRIMARY KEY (namespace, flag)
) STRICT;

-- The version up to which a name was revoked: without it, an assignment that was under way would bring it back.
CREATE TABLE IF NOT EXISTS tombstones (
	namespace TEXT PRIMARY KEY,
	version INTEGER NOT NULL,
	revoked_at INTEGER NOT NULL
) STRICT;
`;

export const UPSERT = `
INSERT INTO namespaces (name, backend, pattern, status, backend_config, consistency, cache_ttl_seconds, rate_limit_rps,
	tags, created_at, updated_at, created_by, config, version, owner, description, quota)
VALUES ($name, $backend, $pattern, $status, $backend_config, $consistency, $cache_ttl_seconds, $rate_limit_rps,
	$tags, $createdAt, $updatedAt, $createdBy, $config, $version, $owner, $description, $quota)
ON CONFLICT (name) DO UPDATE SET backend = $backend, pattern = $pattern, status = $status,
	backend_config = $backend_config, consistency = $consistency, cache_ttl_seconds = $cache_ttl_seconds,
	rate_limit_rps = $rate_limit_rps, tags = $tags, updated_at = $updatedAt, config = $config, version = $version,
	owner = $owner, description = $description, quota = $quota
`;

export const BURY = `
INSERT INTO tombstones (namespace, version, revoked_at) VALUES ($name, $version, $now)
ON CONFLICT (namespace) DO UPDATE SET version = max(version, $version), revoked_at = $now
`;
