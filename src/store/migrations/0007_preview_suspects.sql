CREATE TABLE "couplet"."preview_suspect" (
	"run_id" bigint NOT NULL,
	"mapping_id" bigint NOT NULL,
	"direction" text NOT NULL,
	"coupling_id" bigint NOT NULL,
	CONSTRAINT "preview_suspect_run_id_coupling_id_pk" PRIMARY KEY("run_id","coupling_id"),
	CONSTRAINT "preview_suspect_direction" CHECK ("couplet"."preview_suspect"."direction" in ('to', 'from'))
);
--> statement-breakpoint
ALTER TABLE "couplet"."preview_suspect" ADD CONSTRAINT "preview_suspect_run_id_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "couplet"."run"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."preview_suspect" ADD CONSTRAINT "preview_suspect_mapping_id_table_mapping_id_fk" FOREIGN KEY ("mapping_id") REFERENCES "couplet"."table_mapping"("id") ON DELETE no action ON UPDATE no action;