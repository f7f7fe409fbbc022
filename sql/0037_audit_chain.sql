-- SPDX-License-Identifier: Apache-2.0
-- An audit log that shows when somebody changed it. Each connection of the module writes a chain of its own: its events are numbered, and each
-- carries a MAC over itself and the event before it (mod_regen/store/evidence/chain.h). Anchors say from time to time how far all chains are, so that
-- the end of one cannot be cut off unnoticed. `regenctl audit verify` reads both. Events from before this file belong to no chain; the first
-- anchor covers them.

ALTER TABLE audit_event
  ADD COLUMN IF NOT EXISTS writer BINARY(16) NULL COMMENT 'the chain: random, one for each connection; NULL: from before there were chains',
  ADD COLUMN IF NOT EXISTS seq BIGINT UNSIGNED NULL COMMENT 'from 1, without gaps',
  ADD COLUMN IF NOT EXISTS mac BINARY(32) NULL COMMENT 'HMAC-SHA-256 over the MAC before it and this event',
  ADD COLUMN IF NOT EXISTS mac_key INT UNSIGNED NULL COMMENT 'which key of the installation made it',
  ADD UNIQUE KEY IF NOT EXISTS audit_chain (writer, seq);

CREATE OR REPLACE TRIGGER audit_event_is_chained BEFORE INSERT ON audit_event FOR EACH ROW
BEGIN
  IF NEW.writer IS NULL OR NEW.seq IS NULL OR NEW.mac IS NULL OR NEW.mac_key IS NULL OR NEW.seq < 1 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an audit event belongs to a chain';
  END IF;
END;

CREATE TABLE IF NOT EXISTS audit_anchor (
  seq           BIGINT UNSIGNED NOT NULL PRIMARY KEY COMMENT 'from 1, without gaps; of two who make one at once, one is refused',
  at            BIGINT NOT NULL,
  last_event    BIGINT UNSIGNED NOT NULL COMMENT 'the highest id of audit_event then',
  events        BIGINT UNSIGNED NOT NULL COMMENT 'how many events all anchors up to this one cover',
  heads         INT UNSIGNED NOT NULL COMMENT 'rows of audit_anchor_head',
  unchained     BIGINT UNSIGNED NOT NULL COMMENT 'events from before there were chains',
  unchained_sha256 BINARY(32) NOT NULL COMMENT 'over them, in order of id',
  mac           BINARY(32) NOT NULL COMMENT 'HMAC-SHA-256 over the anchor before it, this one and its heads',
  mac_key       INT UNSIGNED NOT NULL COMMENT 'which key of the installation made it'
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'how far the chains of audit_event were; insert-only';

CREATE TABLE IF NOT EXISTS audit_anchor_head (
  anchor        BIGINT UNSIGNED NOT NULL,
  writer        BINARY(16) NOT NULL,
  seq           BIGINT UNSIGNED NOT NULL COMMENT 'the last event of that chain then',
  mac           BINARY(32) NOT NULL COMMENT 'of that event',
  PRIMARY KEY (writer, seq, anchor),
  KEY audit_anchor_head_of (anchor, writer),
  CONSTRAINT audit_anchor_head_of FOREIGN KEY (anchor) REFERENCES audit_anchor (seq)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'the chains that went on since the anchor before; insert-only';

CREATE OR REPLACE TRIGGER audit_anchor_keeps BEFORE UPDATE ON audit_anchor FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an anchor never changes';

CREATE OR REPLACE TRIGGER audit_anchor_stays BEFORE DELETE ON audit_anchor FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an anchor is never deleted';

CREATE OR REPLACE TRIGGER audit_anchor_head_keeps BEFORE UPDATE ON audit_anchor_head FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an anchor never changes';

CREATE OR REPLACE TRIGGER audit_anchor_head_stays BEFORE DELETE ON audit_anchor_head FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an anchor is never deleted';
