CREATE TABLE "couplet"."match_finding" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "couplet"."match_finding_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"job_id" bigint NOT NULL,
	"key" text collate "C" NOT NULL,
	"verdict" text NOT NULL,
	"position" integer,
	"candidates" text[] NOT NULL,
	"candidate_count" integer NOT NULL,
	"rivals" integer NOT NULL,
	"taken_by" text,
	"found_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "match_finding_verdict" CHECK ("couplet"."match_finding"."verdict" in ('unique', 'ambiguous', 'already-coupled', 'uncoupled-before', 'none'))
);
--> statement-breakpoint
CREATE TABLE "couplet"."match_key" (
	"job_id" bigint NOT NULL,
	"mapping_id" bigint NOT NULL,
	"side" text NOT NULL,
	"position" integer NOT NULL,
	"match_key" text collate "C" NOT NULL,
	"record_key" text collate "C" NOT NULL
);
--> statement-breakpoint
ALTER TABLE "couplet"."run" DROP CONSTRAINT "run_kind";--> statement-breakpoint
ALTER TABLE "couplet"."coupling" ADD COLUMN "swings" jsonb DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "couplet"."field_mapping" ADD COLUMN "remote_when_not_coupled" text;--> statement-breakpoint
ALTER TABLE "couplet"."field_mapping" ADD COLUMN "at_least" text;--> statement-breakpoint
ALTER TABLE "couplet"."field_mapping" ADD COLUMN "transform" jsonb;--> statement-breakpoint
ALTER TABLE "couplet"."field_mapping" ADD COLUMN "on_too_long" text;--> statement-breakpoint
ALTER TABLE "couplet"."field_mapping" ADD COLUMN "match_normalise" text[];--> statement-breakpoint
ALTER TABLE "couplet"."field_mapping" ADD COLUMN "conflict" text;--> statement-breakpoint
ALTER TABLE "couplet"."inbox" ADD COLUMN "task" jsonb;--> statement-breakpoint
ALTER TABLE "couplet"."issue" ADD COLUMN "resolution" jsonb;--> statement-breakpoint
ALTER TABLE "couplet"."issue" ADD COLUMN "repeats" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "couplet"."issue" ADD COLUMN "source_version" text;--> statement-breakpoint
ALTER TABLE "couplet"."issue" ADD COLUMN "partner_version" text;--> statement-breakpoint
ALTER TABLE "couplet"."issue" ADD COLUMN "mapping_version" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "couplet"."issue" ADD COLUMN "configuration" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "couplet"."job" ADD COLUMN "newly_skipped" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "couplet"."job" ADD COLUMN "failed_transient" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "couplet"."job" ADD COLUMN "failed_permanent" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "couplet"."job" ADD COLUMN "failed_config" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "couplet"."job" ADD COLUMN "duplicates_prevented" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "couplet"."job" ADD COLUMN "takeovers" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "couplet"."outcome" ADD COLUMN "warnings" jsonb;--> statement-breakpoint
ALTER TABLE "couplet"."uncoupled_pair" ADD COLUMN "local_released" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "couplet"."uncoupled_pair" ADD COLUMN "remote_released" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "couplet"."match_finding" ADD CONSTRAINT "match_finding_job_id_job_id_fk" FOREIGN KEY ("job_id") REFERENCES "couplet"."job"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "match_finding_of_job" ON "couplet"."match_finding" USING btree ("job_id","verdict","id");--> statement-breakpoint
CREATE INDEX "match_key_of_job" ON "couplet"."match_key" USING btree ("job_id","position","match_key");--> statement-breakpoint
CREATE INDEX "match_key_of_mapping" ON "couplet"."match_key" USING btree ("mapping_id");--> statement-breakpoint
CREATE INDEX "issue_of_version" ON "couplet"."issue" USING btree ("mapping_id","mapping_version");--> statement-breakpoint
CREATE INDEX "issue_conflict_of_partner" ON "couplet"."issue" USING btree ("mapping_id","partner_key") WHERE "couplet"."issue"."kind" = 'conflict';--> statement-breakpoint
CREATE INDEX "outcome_of_local" ON "couplet"."outcome" USING btree ("mapping_id","local_key");--> statement-breakpoint
CREATE INDEX "outcome_of_remote" ON "couplet"."outcome" USING btree ("mapping_id","remote_key");--> statement-breakpoint
ALTER TABLE "couplet"."field_mapping" ADD CONSTRAINT "field_mapping_conflict" CHECK ("couplet"."field_mapping"."conflict" in ('ask', 'local wins', 'remote wins', 'newest wins', 'fill empty', 'sum of changes'));--> statement-breakpoint
ALTER TABLE "couplet"."field_mapping" ADD CONSTRAINT "field_mapping_too_long" CHECK ("couplet"."field_mapping"."on_too_long" in ('refuse', 'cut and warn'));--> statement-breakpoint
ALTER TABLE "couplet"."run" ADD CONSTRAINT "run_kind" CHECK ("couplet"."run"."kind" in ('full', 'modified', 'mapping', 'records', 'couple', 'uncouple'));--> statement-breakpoint
-- Written by hand. Staging of one job at a time: what a crash of the server takes away is read again.
ALTER TABLE couplet.match_key SET UNLOGGED;
