CREATE TABLE "couplet"."process" (
	"id" text collate "C" PRIMARY KEY NOT NULL,
	"host" text NOT NULL,
	"pid" integer NOT NULL,
	"version" text NOT NULL,
	"roles" jsonb NOT NULL,
	"concurrency" jsonb NOT NULL,
	"state" text NOT NULL,
	"is_leader" boolean NOT NULL,
	"work" jsonb NOT NULL,
	"memory_mb" integer NOT NULL,
	"delay_ms" integer NOT NULL,
	"started_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	"seen_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	"is_to_be_quiet" boolean DEFAULT false NOT NULL,
	CONSTRAINT "process_state" CHECK ("couplet"."process"."state" in ('working', 'quiet', 'stopping'))
);
--> statement-breakpoint
ALTER TABLE "couplet"."line" ADD COLUMN "starts" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "couplet"."line" ADD COLUMN "start_mark" text;