ALTER TABLE "couplet"."run" DROP CONSTRAINT "run_kind";--> statement-breakpoint
ALTER TABLE "couplet"."field_mapping" ADD COLUMN "remote_when_not_coupled" text;--> statement-breakpoint
ALTER TABLE "couplet"."field_mapping" ADD COLUMN "at_least" text;--> statement-breakpoint
ALTER TABLE "couplet"."field_mapping" ADD COLUMN "match_normalise" text[];--> statement-breakpoint
ALTER TABLE "couplet"."inbox" ADD COLUMN "task" jsonb;--> statement-breakpoint
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
ALTER TABLE "couplet"."uncoupled_pair" ADD COLUMN "local_released" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "couplet"."uncoupled_pair" ADD COLUMN "remote_released" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "issue_of_version" ON "couplet"."issue" USING btree ("mapping_id","mapping_version");--> statement-breakpoint
CREATE INDEX "outcome_of_local" ON "couplet"."outcome" USING btree ("mapping_id","local_key");--> statement-breakpoint
CREATE INDEX "outcome_of_remote" ON "couplet"."outcome" USING btree ("mapping_id","remote_key");--> statement-breakpoint
ALTER TABLE "couplet"."run" ADD CONSTRAINT "run_kind" CHECK ("couplet"."run"."kind" in ('full', 'modified', 'mapping', 'records', 'couple', 'uncouple'));