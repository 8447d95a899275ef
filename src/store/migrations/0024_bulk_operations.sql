CREATE TABLE "couplet"."bulk_operation" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "couplet"."bulk_operation_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"task" jsonb NOT NULL,
	"selection" jsonb NOT NULL,
	"pair_id" bigint,
	"mapping" text,
	"state" text DEFAULT 'waiting' NOT NULL,
	"selected" integer DEFAULT 0 NOT NULL,
	"done" integer DEFAULT 0 NOT NULL,
	"refused" integer DEFAULT 0 NOT NULL,
	"failed" integer DEFAULT 0 NOT NULL,
	"requested_by" text NOT NULL,
	"reason" text,
	"idempotency_key" text,
	"payload_hash" text,
	"run_ids" bigint[] DEFAULT '{}' NOT NULL,
	"generation" integer DEFAULT 1 NOT NULL,
	"error_code" text,
	"error_message" text,
	"cancelled_by" text,
	"created_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp (6) with time zone,
	"finished_at" timestamp (6) with time zone,
	CONSTRAINT "bulk_operation_kind" CHECK ("couplet"."bulk_operation"."kind" in ('retry', 'skip', 'unskip', 'resolve', 'resolve-deletion', 'synchronize', 'uncouple')),
	CONSTRAINT "bulk_operation_state" CHECK ("couplet"."bulk_operation"."state" in ('waiting', 'running', 'finished', 'cancelled', 'failed')),
	CONSTRAINT "bulk_operation_counts" CHECK ("couplet"."bulk_operation"."done" + "couplet"."bulk_operation"."refused" + "couplet"."bulk_operation"."failed" <= "couplet"."bulk_operation"."selected"),
	CONSTRAINT "bulk_operation_idempotency" CHECK (("couplet"."bulk_operation"."idempotency_key" is null) = ("couplet"."bulk_operation"."payload_hash" is null)),
	CONSTRAINT "bulk_operation_error" CHECK (("couplet"."bulk_operation"."error_code" is null) = ("couplet"."bulk_operation"."error_message" is null))
);
--> statement-breakpoint
CREATE TABLE "couplet"."bulk_record" (
	"operation_id" bigint NOT NULL,
	"position" integer NOT NULL,
	"subject_id" bigint NOT NULL,
	"mapping_id" bigint,
	"direction" text,
	"key" text collate "C",
	"partner_key" text collate "C",
	"seen_code" text,
	"seen_field" text,
	"seen_attempts" integer,
	"state" text DEFAULT 'pending' NOT NULL,
	"code" text,
	"message" text,
	"ended_at" timestamp (6) with time zone,
	CONSTRAINT "bulk_record_operation_id_position_pk" PRIMARY KEY("operation_id","position"),
	CONSTRAINT "bulk_record_state" CHECK ("couplet"."bulk_record"."state" in ('pending', 'done', 'refused', 'failed')),
	CONSTRAINT "bulk_record_direction" CHECK ("couplet"."bulk_record"."direction" in ('to', 'from'))
);
--> statement-breakpoint
ALTER TABLE "couplet"."bulk_operation" ADD CONSTRAINT "bulk_operation_pair_id_pair_id_fk" FOREIGN KEY ("pair_id") REFERENCES "couplet"."pair"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."bulk_record" ADD CONSTRAINT "bulk_record_operation_id_bulk_operation_id_fk" FOREIGN KEY ("operation_id") REFERENCES "couplet"."bulk_operation"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."bulk_record" ADD CONSTRAINT "bulk_record_mapping_id_table_mapping_id_fk" FOREIGN KEY ("mapping_id") REFERENCES "couplet"."table_mapping"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "bulk_operation_key" ON "couplet"."bulk_operation" USING btree (coalesce("pair_id", 0),"idempotency_key");--> statement-breakpoint
CREATE INDEX "bulk_operation_unfinished" ON "couplet"."bulk_operation" USING btree ("id") WHERE "couplet"."bulk_operation"."state" in ('waiting', 'running');--> statement-breakpoint
CREATE INDEX "bulk_operation_finished" ON "couplet"."bulk_operation" USING btree ("finished_at");--> statement-breakpoint
CREATE INDEX "bulk_record_of_state" ON "couplet"."bulk_record" USING btree ("operation_id","state","position");