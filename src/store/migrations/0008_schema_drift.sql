CREATE TABLE "couplet"."known_schema" (
	"mapping_id" bigint NOT NULL,
	"side" text NOT NULL,
	"fields" json NOT NULL,
	"seen_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "known_schema_mapping_id_side_pk" PRIMARY KEY("mapping_id","side"),
	CONSTRAINT "known_schema_side" CHECK ("couplet"."known_schema"."side" in ('local', 'remote'))
);
--> statement-breakpoint
ALTER TABLE "couplet"."known_schema" ADD CONSTRAINT "known_schema_mapping_id_table_mapping_id_fk" FOREIGN KEY ("mapping_id") REFERENCES "couplet"."table_mapping"("id") ON DELETE cascade ON UPDATE no action;