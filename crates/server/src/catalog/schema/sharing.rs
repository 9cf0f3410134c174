//! The tables of the sharing family, which came with format 5.

/// A site is one customer of the sharing family, named by its subdomain, with a pair of keys. A webhook secret signs what
/// the server sends to a site; until it expires.
pub const SITES: &str = "
    CREATE TABLE sites (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        account INTEGER NOT NULL REFERENCES accounts (id),
        public_key TEXT NOT NULL UNIQUE,
        private_hash BLOB NOT NULL,
        created_at INTEGER NOT NULL,
        revoked_at INTEGER
    ) STRICT;
    CREATE TABLE webhook_secrets (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        site INTEGER NOT NULL REFERENCES sites (number),
        secret BLOB NOT NULL,
        created_at INTEGER NOT NULL,
        expires_at INTEGER
    ) STRICT;
    CREATE INDEX webhook_secrets_by_site ON webhook_secrets (site);
";

/// A message's parts are kept as JSON. A publication is a message on one social network on behalf of one identity; short
/// URLs outlive it, because what was published stays out there.
///
/// `site_counts` says how many messages and short URLs a site has, so that no page of a list has to count them. Triggers
/// keep it, so that no statement can forget to.
pub const MESSAGES: &str = "
    CREATE TABLE messages (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        token TEXT NOT NULL UNIQUE,
        site INTEGER NOT NULL REFERENCES sites (number),
        created_at INTEGER NOT NULL,
        published_at INTEGER NOT NULL,
        parts TEXT NOT NULL
    ) STRICT;
    CREATE INDEX messages_by_site ON messages (site, created_at, token, published_at);
    CREATE TABLE publications (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        message INTEGER NOT NULL REFERENCES messages (number) ON DELETE CASCADE,
        site INTEGER NOT NULL REFERENCES sites (number),
        provider TEXT,
        user_token TEXT,
        identity_token TEXT NOT NULL,
        published_at INTEGER NOT NULL,
        UNIQUE (message, identity_token)
    ) STRICT;
    CREATE INDEX publications_by_identity ON publications (site, identity_token) WHERE provider IS NOT NULL;
    CREATE TABLE shorturls (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        token TEXT NOT NULL UNIQUE,
        site INTEGER NOT NULL REFERENCES sites (number),
        message_token TEXT,
        publication INTEGER REFERENCES publications (number) ON DELETE SET NULL,
        provider TEXT,
        original_url TEXT NOT NULL,
        created_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX shorturls_by_site ON shorturls (site, created_at, token);
    CREATE INDEX shorturls_by_publication ON shorturls (publication);
    CREATE TABLE site_counts (
        site INTEGER PRIMARY KEY REFERENCES sites (number),
        messages INTEGER NOT NULL,
        shorturls INTEGER NOT NULL
    ) STRICT;
    CREATE TRIGGER sites_added AFTER INSERT ON sites BEGIN
        INSERT INTO site_counts VALUES (new.number, 0, 0);
    END;
    CREATE TRIGGER messages_added AFTER INSERT ON messages BEGIN
        UPDATE site_counts SET messages = messages + 1 WHERE site = new.site;
    END;
    CREATE TRIGGER messages_deleted AFTER DELETE ON messages BEGIN
        UPDATE site_counts SET messages = messages - 1 WHERE site = old.site;
    END;
    CREATE TRIGGER shorturls_added AFTER INSERT ON shorturls BEGIN
        UPDATE site_counts SET shorturls = shorturls + 1 WHERE site = new.site;
    END;
    CREATE TRIGGER shorturls_deleted AFTER DELETE ON shorturls BEGIN
        UPDATE site_counts SET shorturls = shorturls - 1 WHERE site = old.site;
    END;
";

/// Snapshots; those without `finished_at` are the queue of what is still to be made, of each message one at most. They
/// keep what they say of the message, which may be deleted before them. One that could not be made is not tried again
/// before `retry_at`.
///
/// A publisher is on whose behalf a message was published, as lists are filtered by it. `snapshot_counts` says how many
/// snapshots each list has, so that no page has to count them; the empty publisher is the list of all. Triggers keep it,
/// so that no statement can forget to.
pub const SNAPSHOTS: &str = "
    CREATE TABLE snapshots (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        token TEXT NOT NULL UNIQUE,
        site INTEGER NOT NULL REFERENCES sites (number),
        message_token TEXT NOT NULL,
        message_created_at INTEGER NOT NULL,
        message_published_at INTEGER NOT NULL,
        initiated_at INTEGER NOT NULL,
        finished_at INTEGER,
        pingback_uri TEXT,
        failures INTEGER NOT NULL DEFAULT 0,
        retry_at INTEGER NOT NULL DEFAULT 0,
        body BLOB
    ) STRICT;
    CREATE UNIQUE INDEX snapshots_pending ON snapshots (message_token) WHERE finished_at IS NULL;
    CREATE INDEX snapshots_queue ON snapshots (site, retry_at, number) WHERE finished_at IS NULL;
    CREATE INDEX snapshots_by_site ON snapshots (site, initiated_at, token);
    CREATE TABLE snapshot_publishers (
        site INTEGER NOT NULL,
        publisher TEXT NOT NULL,
        initiated_at INTEGER NOT NULL,
        token TEXT NOT NULL,
        snapshot INTEGER NOT NULL REFERENCES snapshots (number) ON DELETE CASCADE,
        PRIMARY KEY (site, publisher, initiated_at, token)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX snapshot_publishers_by_snapshot ON snapshot_publishers (snapshot);
    CREATE TABLE snapshot_counts (
        site INTEGER NOT NULL,
        publisher TEXT NOT NULL,
        snapshots INTEGER NOT NULL,
        PRIMARY KEY (site, publisher)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER snapshots_added AFTER INSERT ON snapshots BEGIN
        INSERT INTO snapshot_counts VALUES (new.site, '', 1) ON CONFLICT DO UPDATE SET snapshots = snapshots + 1;
    END;
    CREATE TRIGGER snapshots_deleted AFTER DELETE ON snapshots BEGIN
        UPDATE snapshot_counts SET snapshots = snapshots - 1 WHERE site = old.site AND publisher = '';
        DELETE FROM snapshot_counts WHERE site = old.site AND publisher = '' AND snapshots = 0;
    END;
    CREATE TRIGGER snapshot_publishers_added AFTER INSERT ON snapshot_publishers BEGIN
        INSERT INTO snapshot_counts VALUES (new.site, new.publisher, 1)
        ON CONFLICT DO UPDATE SET snapshots = snapshots + 1;
    END;
    CREATE TRIGGER snapshot_publishers_deleted AFTER DELETE ON snapshot_publishers BEGIN
        UPDATE snapshot_counts SET snapshots = snapshots - 1 WHERE site = old.site AND publisher = old.publisher;
        DELETE FROM snapshot_counts WHERE site = old.site AND publisher = old.publisher AND snapshots = 0;
    END;
";

/// Pingbacks and what became of each attempt. `next_attempt_at` is null where none is to come.
///
/// A queue is what one site has waiting for one target, and when that has its next turn: who looks for what is due reads
/// queues, and never what waits in them.
pub const PINGBACKS: &str = "
    CREATE TABLE pingbacks (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        site INTEGER NOT NULL REFERENCES sites (number),
        snapshot_token TEXT NOT NULL,
        uri TEXT NOT NULL,
        target TEXT NOT NULL,
        body TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        state TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        first_due_at INTEGER NOT NULL,
        next_attempt_at INTEGER,
        finished_at INTEGER
    ) STRICT;
    CREATE INDEX pingbacks_waiting ON pingbacks (site, target, next_attempt_at) WHERE next_attempt_at IS NOT NULL;
    CREATE INDEX pingbacks_by_snapshot ON pingbacks (snapshot_token);
    CREATE INDEX pingbacks_by_site ON pingbacks (site, number);
    CREATE INDEX pingbacks_by_end ON pingbacks (finished_at) WHERE finished_at IS NOT NULL;
    CREATE TABLE pingback_queues (
        site INTEGER NOT NULL REFERENCES sites (number),
        target TEXT NOT NULL,
        next_attempt_at INTEGER NOT NULL,
        failures INTEGER NOT NULL DEFAULT 0,
        rests_until INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (site, target)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX pingback_queues_by_turn ON pingback_queues (site, next_attempt_at);
    CREATE TABLE pingback_attempts (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        pingback INTEGER NOT NULL REFERENCES pingbacks (number) ON DELETE CASCADE,
        started_at INTEGER NOT NULL,
        duration INTEGER NOT NULL,
        status INTEGER,
        address TEXT,
        problem TEXT
    ) STRICT;
    CREATE INDEX pingback_attempts_by_pingback ON pingback_attempts (pingback);
";
