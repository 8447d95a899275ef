CREATE SEQUENCE "couplet"."inbox_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE SEQUENCE "couplet"."lease_token" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE SEQUENCE "couplet"."outcome_id" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "couplet"."api_key" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "couplet"."api_key_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"hash" text NOT NULL,
	"created_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "api_key_name_unique" UNIQUE("name"),
	CONSTRAINT "api_key_hash_unique" UNIQUE("hash")
);
--> statement-breakpoint
CREATE TABLE "couplet"."audit_log" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "couplet"."audit_log_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"subject" text NOT NULL,
	"detail" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "couplet"."connection" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "couplet"."connection_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"settings" jsonb NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"disabled_reason" text,
	"created_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "connection_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "couplet"."coupling" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "couplet"."coupling_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"pair_id" bigint NOT NULL,
	"mapping_id" bigint NOT NULL,
	"local_group" text collate "C" NOT NULL,
	"remote_group" text collate "C" NOT NULL,
	"local_key" text collate "C" NOT NULL,
	"remote_key" text collate "C" NOT NULL,
	"local_reference" text collate "C" NOT NULL,
	"remote_reference" text collate "C" NOT NULL,
	"local_version" text,
	"remote_version" text,
	"local_modified_at" text,
	"remote_modified_at" text,
	"local_fingerprint" text,
	"remote_fingerprint" text,
	"local_base" jsonb NOT NULL,
	"remote_base" jsonb NOT NULL,
	"refs" jsonb NOT NULL,
	"mapping_version" integer NOT NULL,
	"generation" integer NOT NULL,
	"last_to_result" text,
	"last_to_job_id" bigint,
	"last_to_at" timestamp (6) with time zone,
	"last_from_result" text,
	"last_from_job_id" bigint,
	"last_from_at" timestamp (6) with time zone,
	"follow_up" jsonb,
	"created_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "coupling_last_to_result" CHECK ("couplet"."coupling"."last_to_result" in ('success', 'failed', 'waiting', 'conflict', 'skipped')),
	CONSTRAINT "coupling_last_from_result" CHECK ("couplet"."coupling"."last_from_result" in ('success', 'failed', 'waiting', 'conflict', 'skipped'))
);
--> statement-breakpoint
CREATE TABLE "couplet"."end_question" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "couplet"."end_question_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"run_id" bigint NOT NULL,
	"pair_id" bigint NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"answer" text,
	"mappings" jsonb NOT NULL,
	"results" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"opened_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (6) with time zone NOT NULL,
	"answered_at" timestamp (6) with time zone,
	CONSTRAINT "end_question_runId_unique" UNIQUE("run_id"),
	CONSTRAINT "end_question_state" CHECK ("couplet"."end_question"."state" in ('open', 'answered', 'expired')),
	CONSTRAINT "end_question_answer" CHECK ("couplet"."end_question"."answer" in ('yes', 'no')),
	CONSTRAINT "end_question_answered" CHECK (("couplet"."end_question"."state" = 'answered') = ("couplet"."end_question"."answer" is not null))
);
--> statement-breakpoint
CREATE TABLE "couplet"."field_mapping" (
	"mapping_id" bigint NOT NULL,
	"version" integer NOT NULL,
	"position" integer NOT NULL,
	"local" text,
	"remote" text,
	"direction" text NOT NULL,
	"enabled" boolean NOT NULL,
	"constant" text,
	"reference_mapping" text,
	"reference_deferred" boolean,
	"remote_when_local_blank" text,
	"value_map" jsonb,
	"not_null" boolean NOT NULL,
	"clear_on_failed_sync" boolean NOT NULL,
	"match_priority" integer,
	"match_case_sensitive" boolean,
	"validate_local" boolean NOT NULL,
	"validate_remote" boolean NOT NULL,
	"user_defined" boolean NOT NULL,
	CONSTRAINT "field_mapping_mapping_id_version_position_pk" PRIMARY KEY("mapping_id","version","position"),
	CONSTRAINT "field_mapping_direction" CHECK ("couplet"."field_mapping"."direction" in ('ToIntegrationTable', 'FromIntegrationTable', 'Bidirectional')),
	CONSTRAINT "field_mapping_reference" CHECK (("couplet"."field_mapping"."reference_mapping" is null) = ("couplet"."field_mapping"."reference_deferred" is null)),
	CONSTRAINT "field_mapping_match" CHECK (("couplet"."field_mapping"."match_priority" is null) = ("couplet"."field_mapping"."match_case_sensitive" is null))
);
--> statement-breakpoint
CREATE TABLE "couplet"."inbox" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "couplet"."inbox_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"seq" bigint DEFAULT nextval('couplet.inbox_seq') NOT NULL,
	"pair_id" bigint NOT NULL,
	"mapping_id" bigint NOT NULL,
	"direction" text NOT NULL,
	"key" text collate "C" NOT NULL,
	"job_ids" bigint[] NOT NULL,
	"force" boolean NOT NULL,
	"create_missing" boolean NOT NULL,
	"requested_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "inbox_of_record" UNIQUE("mapping_id","direction","key"),
	CONSTRAINT "inbox_direction" CHECK ("couplet"."inbox"."direction" in ('to', 'from'))
);
--> statement-breakpoint
CREATE TABLE "couplet"."issue" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "couplet"."issue_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"pair_id" bigint NOT NULL,
	"mapping_id" bigint NOT NULL,
	"direction" text NOT NULL,
	"key" text collate "C" NOT NULL,
	"partner_key" text collate "C",
	"kind" text NOT NULL,
	"code" text NOT NULL,
	"error_kind" text NOT NULL,
	"field" text,
	"value" text,
	"message" text NOT NULL,
	"waits_for" text collate "C",
	"conflicts" jsonb NOT NULL,
	"create_missing" boolean NOT NULL,
	"attempts" integer DEFAULT 1 NOT NULL,
	"job_id" bigint NOT NULL,
	"first_at" timestamp (6) with time zone NOT NULL,
	"last_at" timestamp (6) with time zone NOT NULL,
	"next_attempt_at" timestamp (6) with time zone,
	CONSTRAINT "issue_of_record" UNIQUE("mapping_id","direction","key"),
	CONSTRAINT "issue_direction" CHECK ("couplet"."issue"."direction" in ('to', 'from')),
	CONSTRAINT "issue_kind" CHECK ("couplet"."issue"."kind" in ('failed', 'waiting', 'conflict', 'skipped')),
	CONSTRAINT "issue_error_kind" CHECK ("couplet"."issue"."error_kind" in ('transient', 'waiting', 'permanent', 'conflict', 'config', 'lost-lease'))
);
--> statement-breakpoint
CREATE TABLE "couplet"."job" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "couplet"."job_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"line_id" bigint NOT NULL,
	"run_id" bigint NOT NULL,
	"pair_id" bigint NOT NULL,
	"mapping_id" bigint NOT NULL,
	"type" text DEFAULT 'synchronization' NOT NULL,
	"direction" text NOT NULL,
	"state" text DEFAULT 'ready' NOT NULL,
	"read" bigint DEFAULT 0 NOT NULL,
	"reread" bigint DEFAULT 0 NOT NULL,
	"inserted" bigint DEFAULT 0 NOT NULL,
	"modified" bigint DEFAULT 0 NOT NULL,
	"unchanged" bigint DEFAULT 0 NOT NULL,
	"coupled" bigint DEFAULT 0 NOT NULL,
	"uncoupled" bigint DEFAULT 0 NOT NULL,
	"deleted" bigint DEFAULT 0 NOT NULL,
	"skipped" bigint DEFAULT 0 NOT NULL,
	"waiting" bigint DEFAULT 0 NOT NULL,
	"conflict" bigint DEFAULT 0 NOT NULL,
	"failed" bigint DEFAULT 0 NOT NULL,
	"ignored" bigint DEFAULT 0 NOT NULL,
	"not_coupled" bigint DEFAULT 0 NOT NULL,
	"checkpoint" jsonb,
	"step_costs" jsonb,
	"estimated_rows" bigint,
	"error_code" text,
	"error_message" text,
	"created_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp (6) with time zone,
	"finished_at" timestamp (6) with time zone,
	CONSTRAINT "job_direction_of_line" UNIQUE("line_id","direction"),
	CONSTRAINT "job_type" CHECK ("couplet"."job"."type" in ('synchronization', 'coupling', 'uncoupling')),
	CONSTRAINT "job_direction" CHECK ("couplet"."job"."direction" in ('to', 'from')),
	CONSTRAINT "job_state" CHECK ("couplet"."job"."state" in ('ready', 'running', 'succeeded', 'succeeded-with-failures', 'failed', 'cancelled')),
	CONSTRAINT "job_error" CHECK (("couplet"."job"."error_code" is null) = ("couplet"."job"."error_message" is null))
);
--> statement-breakpoint
CREATE TABLE "couplet"."lease" (
	"resource" text collate "C" PRIMARY KEY NOT NULL,
	"token" bigint NOT NULL,
	"holder" text NOT NULL,
	"expires_at" timestamp (6) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "couplet"."line" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "couplet"."line_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"run_id" bigint NOT NULL,
	"pair_id" bigint NOT NULL,
	"mapping_id" bigint NOT NULL,
	"mapping_version" integer NOT NULL,
	"position" integer NOT NULL,
	"selection" text NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"depends_on" bigint[] DEFAULT '{}' NOT NULL,
	"ignored_dependencies" text[] DEFAULT '{}' NOT NULL,
	"generation" integer DEFAULT 1 NOT NULL,
	"error_code" text,
	"error_message" text,
	"blocked_by" text[] DEFAULT '{}' NOT NULL,
	"created_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp (6) with time zone,
	"finished_at" timestamp (6) with time zone,
	CONSTRAINT "line_of_mapping_in_run" UNIQUE("id","run_id","mapping_id"),
	CONSTRAINT "line_selection" CHECK ("couplet"."line"."selection" in ('all', 'changes', 'requests')),
	CONSTRAINT "line_state" CHECK ("couplet"."line"."state" in ('pending', 'ready', 'running', 'finished', 'failed', 'blocked', 'cancelled')),
	CONSTRAINT "line_error" CHECK (("couplet"."line"."error_code" is null) = ("couplet"."line"."error_message" is null))
);
--> statement-breakpoint
CREATE TABLE "couplet"."mapping_version" (
	"mapping_id" bigint NOT NULL,
	"version" integer NOT NULL,
	"head" jsonb NOT NULL,
	"changed_by" text NOT NULL,
	"reason" text NOT NULL,
	"created_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "mapping_version_mapping_id_version_pk" PRIMARY KEY("mapping_id","version")
);
--> statement-breakpoint
CREATE TABLE "couplet"."outcome" (
	"id" bigint DEFAULT nextval('couplet.outcome_id') NOT NULL,
	"at" timestamp (6) with time zone DEFAULT clock_timestamp() NOT NULL,
	"pair_id" bigint NOT NULL,
	"mapping_id" bigint NOT NULL,
	"job_id" bigint NOT NULL,
	"direction" text NOT NULL,
	"kind" text NOT NULL,
	"local_key" text collate "C",
	"remote_key" text collate "C",
	"code" text,
	"error_kind" text,
	"field" text,
	"value" text,
	"message" text,
	"changes" jsonb,
	"local_version" text,
	"remote_version" text,
	"recovered" boolean NOT NULL,
	CONSTRAINT "outcome_id_at_pk" PRIMARY KEY("id","at"),
	CONSTRAINT "outcome_direction" CHECK ("couplet"."outcome"."direction" in ('to', 'from')),
	CONSTRAINT "outcome_error_kind" CHECK ("couplet"."outcome"."error_kind" in ('transient', 'waiting', 'permanent', 'conflict', 'config', 'lost-lease')),
	CONSTRAINT "outcome_kind" CHECK ("couplet"."outcome"."kind" in ('inserted', 'modified', 'coupled', 'uncoupled', 'deleted', 'skipped', 'waiting', 'conflict', 'failed'))
) PARTITION BY RANGE ("at");
--> statement-breakpoint
CREATE TABLE "couplet"."page_intent" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "couplet"."page_intent_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"pair_id" bigint NOT NULL,
	"mapping_id" bigint NOT NULL,
	"direction" text NOT NULL,
	"job_id" bigint NOT NULL,
	"token" bigint NOT NULL,
	"writes" json NOT NULL,
	"settled_once" boolean DEFAULT false NOT NULL,
	"opened_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	"deadline_at" timestamp (6) with time zone NOT NULL,
	CONSTRAINT "page_intent_direction" CHECK ("couplet"."page_intent"."direction" in ('to', 'from'))
);
--> statement-breakpoint
CREATE TABLE "couplet"."pair" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "couplet"."pair_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"local_connection_id" bigint NOT NULL,
	"local_company" text NOT NULL,
	"remote_connection_id" bigint NOT NULL,
	"remote_company" text NOT NULL,
	"created_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "pair_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "couplet"."run" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "couplet"."run_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"pair_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"state" text DEFAULT 'queued' NOT NULL,
	"options" jsonb NOT NULL,
	"requested_by" text NOT NULL,
	"reason" text NOT NULL,
	"priority" integer NOT NULL,
	"generation" integer DEFAULT 1 NOT NULL,
	"schedule_id" bigint,
	"slot" text,
	"idempotency_key" text,
	"payload_hash" text,
	"error_code" text,
	"error_message" text,
	"created_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp (6) with time zone,
	"finished_at" timestamp (6) with time zone,
	CONSTRAINT "run_of_pair" UNIQUE("id","pair_id"),
	CONSTRAINT "run_kind" CHECK ("couplet"."run"."kind" in ('full', 'modified', 'mapping', 'records')),
	CONSTRAINT "run_state" CHECK ("couplet"."run"."state" in ('queued', 'running', 'succeeded', 'succeeded-with-failures', 'failed', 'cancelled')),
	CONSTRAINT "run_idempotency" CHECK (("couplet"."run"."idempotency_key" is null) = ("couplet"."run"."payload_hash" is null)),
	CONSTRAINT "run_error" CHECK (("couplet"."run"."error_code" is null) = ("couplet"."run"."error_message" is null))
);
--> statement-breakpoint
CREATE TABLE "couplet"."schedule" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "couplet"."schedule_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"pair_id" bigint NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"mapping_name" text,
	"every_minutes" integer NOT NULL,
	"enabled" boolean NOT NULL,
	"anchor_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	"weekdays" smallint[],
	"window_from" time,
	"window_to" time,
	"time_zone" text DEFAULT 'UTC' NOT NULL,
	"inactivity_minutes" integer DEFAULT 0 NOT NULL,
	"category" text,
	"paused_reason" text,
	"paused_at" timestamp (6) with time zone,
	"expires_at" timestamp (6) with time zone,
	"created_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "schedule_name" UNIQUE("pair_id","name"),
	CONSTRAINT "schedule_kind" CHECK ("couplet"."schedule"."kind" in ('full', 'modified', 'mapping')),
	CONSTRAINT "schedule_mapping_named" CHECK (("couplet"."schedule"."kind" = 'mapping') = ("couplet"."schedule"."mapping_name" is not null)),
	CONSTRAINT "schedule_every" CHECK ("couplet"."schedule"."every_minutes" > 0)
);
--> statement-breakpoint
CREATE TABLE "couplet"."table_mapping" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "couplet"."table_mapping_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"pair_id" bigint NOT NULL,
	"name" text NOT NULL,
	"version" integer NOT NULL,
	"position" integer NOT NULL,
	"local_group" text collate "C" NOT NULL,
	"remote_group" text collate "C" NOT NULL,
	"local_watermark" text,
	"local_watermark_run" bigint,
	"remote_watermark" text,
	"remote_watermark_run" bigint,
	"selection_generation" integer DEFAULT 1 NOT NULL,
	"scanned_generation" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "table_mapping_name" UNIQUE("pair_id","name"),
	CONSTRAINT "table_mapping_pair" UNIQUE("id","pair_id"),
	CONSTRAINT "table_mapping_name_without_slash" CHECK ("couplet"."table_mapping"."name" <> '' and position('/' in "couplet"."table_mapping"."name") = 0),
	CONSTRAINT "table_mapping_scanned" CHECK ("couplet"."table_mapping"."scanned_generation" <= "couplet"."table_mapping"."selection_generation")
);
--> statement-breakpoint
CREATE TABLE "couplet"."uncoupled_pair" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "couplet"."uncoupled_pair_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"pair_id" bigint NOT NULL,
	"mapping_id" bigint NOT NULL,
	"local_key" text collate "C" NOT NULL,
	"remote_key" text collate "C" NOT NULL,
	"generation" integer NOT NULL,
	"reason" text NOT NULL,
	"uncoupled_by" text NOT NULL,
	"job_id" bigint,
	"uncoupled_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "uncoupled_pair_keys" UNIQUE("mapping_id","local_key","remote_key")
);
--> statement-breakpoint
ALTER TABLE "couplet"."coupling" ADD CONSTRAINT "coupling_mapping" FOREIGN KEY ("mapping_id","pair_id") REFERENCES "couplet"."table_mapping"("id","pair_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."end_question" ADD CONSTRAINT "end_question_run_id_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "couplet"."run"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."end_question" ADD CONSTRAINT "end_question_pair_id_pair_id_fk" FOREIGN KEY ("pair_id") REFERENCES "couplet"."pair"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."field_mapping" ADD CONSTRAINT "field_mapping_of_version" FOREIGN KEY ("mapping_id","version") REFERENCES "couplet"."mapping_version"("mapping_id","version") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."inbox" ADD CONSTRAINT "inbox_mapping" FOREIGN KEY ("mapping_id","pair_id") REFERENCES "couplet"."table_mapping"("id","pair_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."issue" ADD CONSTRAINT "issue_mapping" FOREIGN KEY ("mapping_id","pair_id") REFERENCES "couplet"."table_mapping"("id","pair_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."job" ADD CONSTRAINT "job_line" FOREIGN KEY ("line_id","run_id","mapping_id") REFERENCES "couplet"."line"("id","run_id","mapping_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."job" ADD CONSTRAINT "job_mapping" FOREIGN KEY ("mapping_id","pair_id") REFERENCES "couplet"."table_mapping"("id","pair_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."line" ADD CONSTRAINT "line_run" FOREIGN KEY ("run_id","pair_id") REFERENCES "couplet"."run"("id","pair_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."line" ADD CONSTRAINT "line_mapping" FOREIGN KEY ("mapping_id","pair_id") REFERENCES "couplet"."table_mapping"("id","pair_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."line" ADD CONSTRAINT "line_mapping_version" FOREIGN KEY ("mapping_id","mapping_version") REFERENCES "couplet"."mapping_version"("mapping_id","version") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."mapping_version" ADD CONSTRAINT "mapping_version_mapping_id_table_mapping_id_fk" FOREIGN KEY ("mapping_id") REFERENCES "couplet"."table_mapping"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."page_intent" ADD CONSTRAINT "page_intent_job_id_job_id_fk" FOREIGN KEY ("job_id") REFERENCES "couplet"."job"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."page_intent" ADD CONSTRAINT "page_intent_mapping" FOREIGN KEY ("mapping_id","pair_id") REFERENCES "couplet"."table_mapping"("id","pair_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."pair" ADD CONSTRAINT "pair_local_connection_id_connection_id_fk" FOREIGN KEY ("local_connection_id") REFERENCES "couplet"."connection"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."pair" ADD CONSTRAINT "pair_remote_connection_id_connection_id_fk" FOREIGN KEY ("remote_connection_id") REFERENCES "couplet"."connection"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."run" ADD CONSTRAINT "run_pair_id_pair_id_fk" FOREIGN KEY ("pair_id") REFERENCES "couplet"."pair"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."run" ADD CONSTRAINT "run_schedule_id_schedule_id_fk" FOREIGN KEY ("schedule_id") REFERENCES "couplet"."schedule"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."schedule" ADD CONSTRAINT "schedule_pair_id_pair_id_fk" FOREIGN KEY ("pair_id") REFERENCES "couplet"."pair"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."schedule" ADD CONSTRAINT "schedule_mapping" FOREIGN KEY ("pair_id","mapping_name") REFERENCES "couplet"."table_mapping"("pair_id","name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."table_mapping" ADD CONSTRAINT "table_mapping_pair_id_pair_id_fk" FOREIGN KEY ("pair_id") REFERENCES "couplet"."pair"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."uncoupled_pair" ADD CONSTRAINT "uncoupled_pair_mapping" FOREIGN KEY ("mapping_id","pair_id") REFERENCES "couplet"."table_mapping"("id","pair_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_log_subject" ON "couplet"."audit_log" USING btree ("subject","id");--> statement-breakpoint
CREATE UNIQUE INDEX "coupling_local" ON "couplet"."coupling" USING btree ("local_key","local_group");--> statement-breakpoint
CREATE UNIQUE INDEX "coupling_remote" ON "couplet"."coupling" USING btree ("remote_key","remote_group");--> statement-breakpoint
CREATE INDEX "coupling_local_reference" ON "couplet"."coupling" USING btree ("mapping_id","local_reference");--> statement-breakpoint
CREATE INDEX "coupling_remote_reference" ON "couplet"."coupling" USING btree ("mapping_id","remote_reference");--> statement-breakpoint
CREATE INDEX "end_question_open" ON "couplet"."end_question" USING btree ("pair_id") WHERE "couplet"."end_question"."state" = 'open';--> statement-breakpoint
CREATE INDEX "inbox_order" ON "couplet"."inbox" USING btree ("mapping_id","direction","seq");--> statement-breakpoint
CREATE INDEX "issue_waiting" ON "couplet"."issue" USING btree ("waits_for","pair_id") WHERE "couplet"."issue"."waits_for" is not null;--> statement-breakpoint
CREATE INDEX "issue_due" ON "couplet"."issue" USING btree ("mapping_id","direction","next_attempt_at") WHERE "couplet"."issue"."next_attempt_at" is not null;--> statement-breakpoint
CREATE INDEX "issue_of_job" ON "couplet"."issue" USING btree ("job_id");--> statement-breakpoint
CREATE INDEX "job_of_run" ON "couplet"."job" USING btree ("run_id");--> statement-breakpoint
CREATE INDEX "job_of_mapping" ON "couplet"."job" USING btree ("mapping_id","id");--> statement-breakpoint
CREATE INDEX "line_of_run" ON "couplet"."line" USING btree ("run_id","position");--> statement-breakpoint
CREATE INDEX "line_of_mapping" ON "couplet"."line" USING btree ("mapping_id","mapping_version");--> statement-breakpoint
CREATE INDEX "line_unfinished" ON "couplet"."line" USING btree ("mapping_id") WHERE "couplet"."line"."state" in ('pending', 'ready', 'running');--> statement-breakpoint
CREATE INDEX "outcome_of_job" ON "couplet"."outcome" USING btree ("job_id","id");--> statement-breakpoint
CREATE INDEX "outcome_of_mapping" ON "couplet"."outcome" USING btree ("mapping_id","id");--> statement-breakpoint
CREATE INDEX "page_intent_of_mapping" ON "couplet"."page_intent" USING btree ("mapping_id","deadline_at");--> statement-breakpoint
CREATE INDEX "page_intent_of_job" ON "couplet"."page_intent" USING btree ("job_id");--> statement-breakpoint
CREATE INDEX "pair_local_connection" ON "couplet"."pair" USING btree ("local_connection_id");--> statement-breakpoint
CREATE INDEX "pair_remote_connection" ON "couplet"."pair" USING btree ("remote_connection_id");--> statement-breakpoint
CREATE UNIQUE INDEX "run_slot" ON "couplet"."run" USING btree ("schedule_id","slot");--> statement-breakpoint
CREATE UNIQUE INDEX "run_idempotency_key" ON "couplet"."run" USING btree ("pair_id","idempotency_key");--> statement-breakpoint
CREATE UNIQUE INDEX "run_one_full" ON "couplet"."run" USING btree ("pair_id") WHERE "couplet"."run"."kind" = 'full' and "couplet"."run"."state" in ('queued', 'running');--> statement-breakpoint
CREATE INDEX "run_unfinished" ON "couplet"."run" USING btree ("id") WHERE "couplet"."run"."state" in ('queued', 'running');--> statement-breakpoint
CREATE INDEX "schedule_mapping_name" ON "couplet"."schedule" USING btree ("pair_id","mapping_name");--> statement-breakpoint
CREATE INDEX "table_mapping_local_watermark_run" ON "couplet"."table_mapping" USING btree ("local_watermark_run");--> statement-breakpoint
CREATE INDEX "table_mapping_remote_watermark_run" ON "couplet"."table_mapping" USING btree ("remote_watermark_run");--> statement-breakpoint
CREATE INDEX "uncoupled_pair_remote_key" ON "couplet"."uncoupled_pair" USING btree ("mapping_id","remote_key");