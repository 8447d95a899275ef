CREATE TABLE "couplet"."blackout" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "couplet"."blackout_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"calendar" text NOT NULL,
	"starts_at" timestamp (6) with time zone NOT NULL,
	"ends_at" timestamp (6) with time zone NOT NULL,
	"reason" text NOT NULL,
	"created_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "blackout_ends_later" CHECK ("couplet"."blackout"."starts_at" < "couplet"."blackout"."ends_at")
);
--> statement-breakpoint
CREATE TABLE "couplet"."breaker" (
	"connection_id" bigint PRIMARY KEY NOT NULL,
	"revision" bigint NOT NULL,
	"state" json NOT NULL,
	"updated_at" timestamp (6) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "couplet"."pause" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "couplet"."pause_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"scope" text NOT NULL,
	"connection_id" bigint,
	"mapping_id" bigint,
	"cause" text NOT NULL,
	"paused_by" text NOT NULL,
	"reason" text NOT NULL,
	"at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	"until" timestamp (6) with time zone,
	CONSTRAINT "pause_scope" CHECK ("couplet"."pause"."scope" in ('everything', 'connection', 'mapping')),
	CONSTRAINT "pause_cause" CHECK ("couplet"."pause"."cause" in ('person', 'automatic')),
	CONSTRAINT "pause_names_its_scope" CHECK (("couplet"."pause"."scope" = 'connection') = ("couplet"."pause"."connection_id" is not null)
        and ("couplet"."pause"."scope" = 'mapping') = ("couplet"."pause"."mapping_id" is not null))
);
--> statement-breakpoint
ALTER TABLE "couplet"."schedule" ALTER COLUMN "every_minutes" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "couplet"."issue" ADD COLUMN "parked_by" text;--> statement-breakpoint
ALTER TABLE "couplet"."issue" ADD COLUMN "parked_reason" text;--> statement-breakpoint
ALTER TABLE "couplet"."schedule" ADD COLUMN "cron" text;--> statement-breakpoint
ALTER TABLE "couplet"."schedule" ADD COLUMN "calendar" text;--> statement-breakpoint
ALTER TABLE "couplet"."schedule" ADD COLUMN "overlap" text DEFAULT 'merge' NOT NULL;--> statement-breakpoint
ALTER TABLE "couplet"."schedule" ADD COLUMN "catch_up" text DEFAULT 'once' NOT NULL;--> statement-breakpoint
ALTER TABLE "couplet"."schedule" ADD COLUMN "paused_by" text;--> statement-breakpoint
ALTER TABLE "couplet"."schedule" ADD COLUMN "settled_until" timestamp (6) with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "couplet"."schedule" ADD COLUMN "last_decision" text;--> statement-breakpoint
ALTER TABLE "couplet"."schedule" ADD COLUMN "is_pending" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "couplet"."schedule" ADD COLUMN "seen" text;--> statement-breakpoint
ALTER TABLE "couplet"."breaker" ADD CONSTRAINT "breaker_connection_id_connection_id_fk" FOREIGN KEY ("connection_id") REFERENCES "couplet"."connection"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."pause" ADD CONSTRAINT "pause_connection_id_connection_id_fk" FOREIGN KEY ("connection_id") REFERENCES "couplet"."connection"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."pause" ADD CONSTRAINT "pause_mapping_id_table_mapping_id_fk" FOREIGN KEY ("mapping_id") REFERENCES "couplet"."table_mapping"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "blackout_calendar" ON "couplet"."blackout" USING btree ("calendar","starts_at");--> statement-breakpoint
CREATE UNIQUE INDEX "pause_of" ON "couplet"."pause" USING btree ("scope",coalesce("connection_id", 0),coalesce("mapping_id", 0));--> statement-breakpoint
CREATE INDEX "pause_connection" ON "couplet"."pause" USING btree ("connection_id");--> statement-breakpoint
CREATE INDEX "pause_mapping" ON "couplet"."pause" USING btree ("mapping_id");--> statement-breakpoint
ALTER TABLE "couplet"."schedule" ADD CONSTRAINT "schedule_rate" CHECK (("couplet"."schedule"."every_minutes" is null) <> ("couplet"."schedule"."cron" is null));--> statement-breakpoint
ALTER TABLE "couplet"."schedule" ADD CONSTRAINT "schedule_window" CHECK (("couplet"."schedule"."window_from" is null) = ("couplet"."schedule"."window_to" is null));--> statement-breakpoint
ALTER TABLE "couplet"."schedule" ADD CONSTRAINT "schedule_overlap" CHECK ("couplet"."schedule"."overlap" in ('skip', 'merge'));--> statement-breakpoint
ALTER TABLE "couplet"."schedule" ADD CONSTRAINT "schedule_catch_up" CHECK ("couplet"."schedule"."catch_up" in ('once', 'skip'));--> statement-breakpoint
ALTER TABLE "couplet"."schedule" ADD CONSTRAINT "schedule_decision" CHECK ("couplet"."schedule"."last_decision" in ('started', 'merged', 'skipped', 'missed', 'idle'));--> statement-breakpoint
ALTER TABLE "couplet"."schedule" ADD CONSTRAINT "schedule_paused" CHECK (("couplet"."schedule"."paused_at" is null) = ("couplet"."schedule"."paused_reason" is null) and ("couplet"."schedule"."paused_at" is null) = ("couplet"."schedule"."paused_by" is null));--> statement-breakpoint
ALTER TABLE "couplet"."schedule" DROP COLUMN "category";
