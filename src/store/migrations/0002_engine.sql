CREATE SEQUENCE "couplet"."preview_coupling_id" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE SEQUENCE "couplet"."preview_request_id" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "couplet"."deletion_look" (
	"mapping_id" bigint NOT NULL,
	"side" text NOT NULL,
	"mark" text,
	"compared_at" timestamp (6) with time zone,
	CONSTRAINT "deletion_look_mapping_id_side_pk" PRIMARY KEY("mapping_id","side"),
	CONSTRAINT "deletion_look_side" CHECK ("couplet"."deletion_look"."side" in ('local', 'remote'))
);
--> statement-breakpoint
CREATE TABLE "couplet"."deletion_suspect" (
	"coupling_id" bigint PRIMARY KEY NOT NULL,
	"mapping_id" bigint NOT NULL,
	"direction" text NOT NULL,
	CONSTRAINT "deletion_suspect_direction" CHECK ("couplet"."deletion_suspect"."direction" in ('to', 'from'))
);
--> statement-breakpoint
CREATE TABLE "couplet"."staged_key" (
	"mapping_id" bigint NOT NULL,
	"key" text collate "C" NOT NULL,
	CONSTRAINT "staged_key_mapping_id_key_pk" PRIMARY KEY("mapping_id","key")
);
--> statement-breakpoint
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
CREATE TABLE "couplet"."preview_cost" (
	"job_id" bigint PRIMARY KEY NOT NULL,
	"local_reads" bigint NOT NULL,
	"local_writes" bigint NOT NULL,
	"local_records" bigint NOT NULL,
	"remote_reads" bigint NOT NULL,
	"remote_writes" bigint NOT NULL,
	"remote_records" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "couplet"."preview_coupling" (
	"run_id" bigint NOT NULL,
	"coupling_id" bigint NOT NULL,
	"mapping_id" bigint NOT NULL,
	"local_group" text collate "C" NOT NULL,
	"remote_group" text collate "C" NOT NULL,
	"local_key" text collate "C" NOT NULL,
	"remote_key" text collate "C" NOT NULL,
	"local_reference" text collate "C" NOT NULL,
	"remote_reference" text collate "C" NOT NULL,
	"coupling" jsonb NOT NULL,
	"local_record" jsonb,
	"remote_record" jsonb,
	"local_real_key" text collate "C",
	"remote_real_key" text collate "C",
	CONSTRAINT "preview_coupling_run_id_coupling_id_pk" PRIMARY KEY("run_id","coupling_id")
);
--> statement-breakpoint
CREATE TABLE "couplet"."preview_finding" (
	"job_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"code" text NOT NULL,
	"field" text NOT NULL,
	"records" bigint NOT NULL,
	"samples" jsonb NOT NULL,
	CONSTRAINT "preview_finding_job_id_kind_code_field_pk" PRIMARY KEY("job_id","kind","code","field")
);
--> statement-breakpoint
CREATE TABLE "couplet"."preview_request" (
	"id" bigint DEFAULT nextval('couplet.preview_request_id') NOT NULL,
	"run_id" bigint NOT NULL,
	"mapping_id" bigint NOT NULL,
	"direction" text NOT NULL,
	"key" text collate "C" NOT NULL,
	"job_ids" bigint[],
	"force" boolean NOT NULL,
	"create_missing" boolean NOT NULL,
	CONSTRAINT "preview_request_run_id_mapping_id_direction_key_pk" PRIMARY KEY("run_id","mapping_id","direction","key"),
	CONSTRAINT "preview_request_direction" CHECK ("couplet"."preview_request"."direction" in ('to', 'from'))
);
--> statement-breakpoint
ALTER TABLE "couplet"."line" DROP CONSTRAINT "line_selection";--> statement-breakpoint
ALTER TABLE "couplet"."run" DROP CONSTRAINT "run_kind";--> statement-breakpoint
DROP INDEX "couplet"."run_one_full";--> statement-breakpoint
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
ALTER TABLE "couplet"."deletion_look" ADD CONSTRAINT "deletion_look_mapping_id_table_mapping_id_fk" FOREIGN KEY ("mapping_id") REFERENCES "couplet"."table_mapping"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."deletion_suspect" ADD CONSTRAINT "deletion_suspect_coupling_id_coupling_id_fk" FOREIGN KEY ("coupling_id") REFERENCES "couplet"."coupling"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."match_finding" ADD CONSTRAINT "match_finding_job_id_job_id_fk" FOREIGN KEY ("job_id") REFERENCES "couplet"."job"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."preview_cost" ADD CONSTRAINT "preview_cost_job_id_job_id_fk" FOREIGN KEY ("job_id") REFERENCES "couplet"."job"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."preview_coupling" ADD CONSTRAINT "preview_coupling_run_id_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "couplet"."run"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."preview_coupling" ADD CONSTRAINT "preview_coupling_mapping_id_table_mapping_id_fk" FOREIGN KEY ("mapping_id") REFERENCES "couplet"."table_mapping"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."preview_finding" ADD CONSTRAINT "preview_finding_job_id_job_id_fk" FOREIGN KEY ("job_id") REFERENCES "couplet"."job"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."preview_request" ADD CONSTRAINT "preview_request_run_id_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "couplet"."run"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."preview_request" ADD CONSTRAINT "preview_request_mapping_id_table_mapping_id_fk" FOREIGN KEY ("mapping_id") REFERENCES "couplet"."table_mapping"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "deletion_suspect_order" ON "couplet"."deletion_suspect" USING btree ("mapping_id","direction","coupling_id");--> statement-breakpoint
CREATE INDEX "match_finding_of_job" ON "couplet"."match_finding" USING btree ("job_id","verdict","id");--> statement-breakpoint
CREATE INDEX "match_key_of_job" ON "couplet"."match_key" USING btree ("job_id");--> statement-breakpoint
CREATE INDEX "preview_coupling_local" ON "couplet"."preview_coupling" USING btree ("run_id","local_key");--> statement-breakpoint
CREATE INDEX "preview_coupling_remote" ON "couplet"."preview_coupling" USING btree ("run_id","remote_key");--> statement-breakpoint
CREATE INDEX "preview_coupling_local_reference" ON "couplet"."preview_coupling" USING btree ("run_id","local_reference");--> statement-breakpoint
CREATE INDEX "preview_coupling_remote_reference" ON "couplet"."preview_coupling" USING btree ("run_id","remote_reference");--> statement-breakpoint
CREATE INDEX "preview_coupling_local_real" ON "couplet"."preview_coupling" USING btree ("run_id","local_real_key") WHERE "couplet"."preview_coupling"."local_real_key" is not null;--> statement-breakpoint
CREATE INDEX "preview_coupling_remote_real" ON "couplet"."preview_coupling" USING btree ("run_id","remote_real_key") WHERE "couplet"."preview_coupling"."remote_real_key" is not null;--> statement-breakpoint
CREATE INDEX "issue_of_version" ON "couplet"."issue" USING btree ("mapping_id","mapping_version");--> statement-breakpoint
CREATE INDEX "issue_held" ON "couplet"."issue" USING btree ("job_id") WHERE "couplet"."issue"."code" = 'DELETION_HELD';--> statement-breakpoint
CREATE INDEX "issue_conflict_of_partner" ON "couplet"."issue" USING btree ("mapping_id","partner_key") WHERE "couplet"."issue"."kind" = 'conflict';--> statement-breakpoint
CREATE INDEX "outcome_of_local" ON "couplet"."outcome" USING btree ("mapping_id","local_key");--> statement-breakpoint
CREATE INDEX "outcome_of_remote" ON "couplet"."outcome" USING btree ("mapping_id","remote_key");--> statement-breakpoint
CREATE UNIQUE INDEX "run_one_full" ON "couplet"."run" USING btree ("pair_id") WHERE "couplet"."run"."kind" = 'full' and "couplet"."run"."state" in ('queued', 'running')
        and not coalesce(("couplet"."run"."options" ->> 'dryRun')::boolean, false);--> statement-breakpoint
ALTER TABLE "couplet"."field_mapping" ADD CONSTRAINT "field_mapping_conflict" CHECK ("couplet"."field_mapping"."conflict" in ('ask', 'local wins', 'remote wins', 'newest wins', 'fill empty', 'sum of changes'));--> statement-breakpoint
ALTER TABLE "couplet"."field_mapping" ADD CONSTRAINT "field_mapping_too_long" CHECK ("couplet"."field_mapping"."on_too_long" in ('refuse', 'cut and warn'));--> statement-breakpoint
ALTER TABLE "couplet"."line" ADD CONSTRAINT "line_selection" CHECK ("couplet"."line"."selection" in ('all', 'changes', 'requests', 'deletions'));--> statement-breakpoint
ALTER TABLE "couplet"."run" ADD CONSTRAINT "run_kind" CHECK ("couplet"."run"."kind" in ('full', 'modified', 'mapping', 'records', 'couple', 'uncouple', 'deletions'));--> statement-breakpoint
-- Written by hand. Staging of one job at a time: what a crash of the server takes away is read again.
ALTER TABLE couplet.match_key SET UNLOGGED;
--> statement-breakpoint
-- Written by hand: what a comparison has staged is worth no log; after a crash of the server it begins again.
ALTER TABLE couplet.staged_key SET UNLOGGED;
