CREATE SEQUENCE "couplet"."preview_coupling_id" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE SEQUENCE "couplet"."preview_request_id" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
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
DROP INDEX "couplet"."run_one_full";--> statement-breakpoint
ALTER TABLE "couplet"."preview_cost" ADD CONSTRAINT "preview_cost_job_id_job_id_fk" FOREIGN KEY ("job_id") REFERENCES "couplet"."job"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."preview_coupling" ADD CONSTRAINT "preview_coupling_run_id_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "couplet"."run"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."preview_coupling" ADD CONSTRAINT "preview_coupling_mapping_id_table_mapping_id_fk" FOREIGN KEY ("mapping_id") REFERENCES "couplet"."table_mapping"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."preview_finding" ADD CONSTRAINT "preview_finding_job_id_job_id_fk" FOREIGN KEY ("job_id") REFERENCES "couplet"."job"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."preview_request" ADD CONSTRAINT "preview_request_run_id_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "couplet"."run"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."preview_request" ADD CONSTRAINT "preview_request_mapping_id_table_mapping_id_fk" FOREIGN KEY ("mapping_id") REFERENCES "couplet"."table_mapping"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "preview_coupling_local" ON "couplet"."preview_coupling" USING btree ("run_id","local_key");--> statement-breakpoint
CREATE INDEX "preview_coupling_remote" ON "couplet"."preview_coupling" USING btree ("run_id","remote_key");--> statement-breakpoint
CREATE INDEX "preview_coupling_local_reference" ON "couplet"."preview_coupling" USING btree ("run_id","local_reference");--> statement-breakpoint
CREATE INDEX "preview_coupling_remote_reference" ON "couplet"."preview_coupling" USING btree ("run_id","remote_reference");--> statement-breakpoint
CREATE INDEX "preview_coupling_local_real" ON "couplet"."preview_coupling" USING btree ("run_id","local_real_key") WHERE "couplet"."preview_coupling"."local_real_key" is not null;--> statement-breakpoint
CREATE INDEX "preview_coupling_remote_real" ON "couplet"."preview_coupling" USING btree ("run_id","remote_real_key") WHERE "couplet"."preview_coupling"."remote_real_key" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "run_one_full" ON "couplet"."run" USING btree ("pair_id") WHERE "couplet"."run"."kind" = 'full' and "couplet"."run"."state" in ('queued', 'running')
        and not coalesce(("couplet"."run"."options" ->> 'dryRun')::boolean, false);