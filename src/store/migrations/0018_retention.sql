CREATE TABLE "couplet"."retention" (
	"kind" text PRIMARY KEY NOT NULL,
	"ran_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	"removed" bigint NOT NULL,
	"removed_in_all" bigint NOT NULL
);
--> statement-breakpoint
-- Retention may remove the oldest entries, where it is set, and leaves their last hash in an entry. Nothing else is ever removed.
CREATE OR REPLACE FUNCTION couplet.refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'audit_log' AND TG_OP = 'DELETE' AND current_setting('couplet.retention', true) = 'on' THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION '%.% is append-only: % refused', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'restrict_violation';
END
$$;
