CREATE TABLE "couplet"."account" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "couplet"."account_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"password" text NOT NULL,
	"role" text NOT NULL,
	"created_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "account_name_unique" UNIQUE("name"),
	CONSTRAINT "account_role" CHECK ("couplet"."account"."role" in ('view', 'operate', 'resolve', 'configure', 'administer'))
);
--> statement-breakpoint
CREATE TABLE "couplet"."audit_chain" (
	"is_only" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"entries" bigint NOT NULL,
	"hash" text NOT NULL,
	CONSTRAINT "audit_chain_is_only" CHECK ("couplet"."audit_chain"."is_only")
);
--> statement-breakpoint
CREATE TABLE "couplet"."rate_limit" (
	"key" varchar(255) PRIMARY KEY NOT NULL,
	"points" integer DEFAULT 0 NOT NULL,
	"expire" bigint
);
--> statement-breakpoint
CREATE TABLE "couplet"."session" (
	"id" text PRIMARY KEY NOT NULL,
	"user_name" text NOT NULL,
	"role" text,
	"account_id" bigint,
	"created_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	"last_seen_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (6) with time zone NOT NULL,
	CONSTRAINT "session_role" CHECK ("couplet"."session"."role" in ('view', 'operate', 'resolve', 'configure', 'administer'))
);
--> statement-breakpoint
CREATE TABLE "couplet"."sign_in_attempt" (
	"id" text PRIMARY KEY NOT NULL,
	"state" text NOT NULL,
	"nonce" text NOT NULL,
	"verifier" text NOT NULL,
	"expires_at" timestamp (6) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "couplet"."api_key" ADD COLUMN "role" text DEFAULT 'administer' NOT NULL;
--> statement-breakpoint
ALTER TABLE "couplet"."api_key" ADD COLUMN "pairs" text[];
--> statement-breakpoint
ALTER TABLE "couplet"."api_key" ADD COLUMN "mappings" text[];
--> statement-breakpoint
ALTER TABLE "couplet"."api_key" ADD COLUMN "created_by" text DEFAULT '' NOT NULL;
--> statement-breakpoint
ALTER TABLE "couplet"."api_key" ADD COLUMN "expires_at" timestamp (6) with time zone;
--> statement-breakpoint
ALTER TABLE "couplet"."api_key" ADD COLUMN "last_used_at" timestamp (6) with time zone;
--> statement-breakpoint
ALTER TABLE "couplet"."api_key" ADD COLUMN "revoked_at" timestamp (6) with time zone;
--> statement-breakpoint
ALTER TABLE "couplet"."audit_log" ADD COLUMN "reason" text;
--> statement-breakpoint
ALTER TABLE "couplet"."audit_log" ADD COLUMN "before" jsonb;
--> statement-breakpoint
ALTER TABLE "couplet"."audit_log" ADD COLUMN "after" jsonb;
--> statement-breakpoint
ALTER TABLE "couplet"."audit_log" ADD COLUMN "number" bigint DEFAULT 0 NOT NULL;
--> statement-breakpoint
ALTER TABLE "couplet"."audit_log" ADD COLUMN "previous_hash" text DEFAULT '' NOT NULL;
--> statement-breakpoint
ALTER TABLE "couplet"."audit_log" ADD COLUMN "hash" text DEFAULT '' NOT NULL;
--> statement-breakpoint
ALTER TABLE "couplet"."field_mapping" ADD COLUMN "sensitive" boolean DEFAULT false NOT NULL;
--> statement-breakpoint
ALTER TABLE "couplet"."session" ADD CONSTRAINT "session_account_id_account_id_fk" FOREIGN KEY ("account_id") REFERENCES "couplet"."account"("id") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "session_account" ON "couplet"."session" USING btree ("account_id");
--> statement-breakpoint
CREATE INDEX "session_expiry" ON "couplet"."session" USING btree ("expires_at");
--> statement-breakpoint
CREATE INDEX "sign_in_attempt_expiry" ON "couplet"."sign_in_attempt" USING btree ("expires_at");
--> statement-breakpoint
ALTER TABLE "couplet"."api_key" ADD CONSTRAINT "api_key_role" CHECK ("couplet"."api_key"."role" in ('view', 'operate', 'resolve', 'configure', 'administer'));
--> statement-breakpoint
-- What the hash of an entry of the audit log is made over: the entry as it is stored, and the hash of the one before.
CREATE FUNCTION couplet.audit_content(entry couplet.audit_log) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_array(entry.number, entry.previous_hash,
    to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    entry.actor, entry.action, entry.subject, entry.reason, entry.before, entry.after, entry.detail)::text
$$;
--> statement-breakpoint
-- The row of audit_chain is locked until the transaction ends: entries get their numbers in the order in which they count.
CREATE FUNCTION couplet.chain_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  SELECT entries + 1, hash INTO STRICT NEW.number, NEW.previous_hash FROM couplet.audit_chain FOR UPDATE;
  NEW.at := clock_timestamp();
  NEW.hash := encode(sha256(convert_to(couplet.audit_content(NEW), 'UTF8')), 'hex');
  UPDATE couplet.audit_chain SET entries = NEW.number, hash = NEW.hash;
  RETURN NEW;
END
$$;
--> statement-breakpoint
INSERT INTO couplet.audit_chain (entries, hash) VALUES (0, '');
--> statement-breakpoint
-- Entries from before the chain are chained as they stand.
DO $$
DECLARE
  entry couplet.audit_log;
BEGIN
  ALTER TABLE couplet.audit_log DISABLE TRIGGER append_only;
  FOR entry IN SELECT * FROM couplet.audit_log ORDER BY id LOOP
    SELECT entries + 1, hash INTO STRICT entry.number, entry.previous_hash FROM couplet.audit_chain;
    entry.hash := encode(sha256(convert_to(couplet.audit_content(entry), 'UTF8')), 'hex');
    UPDATE couplet.audit_log SET number = entry.number, previous_hash = entry.previous_hash, hash = entry.hash
      WHERE id = entry.id;
    UPDATE couplet.audit_chain SET entries = entry.number, hash = entry.hash;
  END LOOP;
  ALTER TABLE couplet.audit_log ENABLE TRIGGER append_only;
END
$$;
--> statement-breakpoint
ALTER TABLE couplet.audit_log ADD CONSTRAINT audit_log_number_unique UNIQUE (number);
--> statement-breakpoint
CREATE TRIGGER chain BEFORE INSERT ON couplet.audit_log FOR EACH ROW EXECUTE FUNCTION couplet.chain_audit();
--> statement-breakpoint
-- No retention reaches the audit log: nothing of it is ever changed or removed, not even all at once.
CREATE FUNCTION couplet.refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '%.% is append-only: % refused', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'restrict_violation';
END
$$;
--> statement-breakpoint
DROP TRIGGER append_only ON couplet.audit_log;
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON couplet.audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION couplet.refuse_audit_change();
--> statement-breakpoint
CREATE TRIGGER never_removed BEFORE DELETE OR TRUNCATE ON couplet.audit_chain
  FOR EACH STATEMENT EXECUTE FUNCTION couplet.refuse_audit_change();
