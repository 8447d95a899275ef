CREATE TABLE "couplet"."alert" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "couplet"."alert_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"rule_id" bigint NOT NULL,
	"subject" text collate "C" NOT NULL,
	"pair_name" text,
	"mapping_name" text,
	"value" bigint NOT NULL,
	"since" timestamp (6) with time zone DEFAULT now() NOT NULL,
	"fired_at" timestamp (6) with time zone,
	"told_at" timestamp (6) with time zone,
	"recovered_at" timestamp (6) with time zone
);
--> statement-breakpoint
CREATE TABLE "couplet"."alert_channel" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "couplet"."alert_channel_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"target" text NOT NULL,
	"created_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "alert_channel_name_unique" UNIQUE("name"),
	CONSTRAINT "alert_channel_kind" CHECK ("couplet"."alert_channel"."kind" in ('email', 'slack', 'webhook'))
);
--> statement-breakpoint
CREATE TABLE "couplet"."alert_delivery" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "couplet"."alert_delivery_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"alert_id" bigint NOT NULL,
	"channel_id" bigint NOT NULL,
	"event" text NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"error" text,
	"next_attempt_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "alert_delivery_event" CHECK ("couplet"."alert_delivery"."event" in ('fired', 'recovered'))
);
--> statement-breakpoint
CREATE TABLE "couplet"."alert_rule" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "couplet"."alert_rule_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"metric" text NOT NULL,
	"pair_name" text,
	"mapping_name" text,
	"window_minutes" integer NOT NULL,
	"threshold" integer NOT NULL,
	"recover_at" integer,
	"severity" text NOT NULL,
	"channels" text[] DEFAULT '{}' NOT NULL,
	"action" text DEFAULT 'none' NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"created_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "alert_rule_name_unique" UNIQUE("name"),
	CONSTRAINT "alert_rule_metric" CHECK ("couplet"."alert_rule"."metric" in ('mapping-age', 'failed-records', 'failed-runs', 'open-issues', 'open-conflicts', 'held-deletions', 'queue-wait', 'run-duration', 'budget-used')),
	CONSTRAINT "alert_rule_severity" CHECK ("couplet"."alert_rule"."severity" in ('info', 'warning', 'critical')),
	CONSTRAINT "alert_rule_action" CHECK ("couplet"."alert_rule"."action" in ('none', 'pause')),
	CONSTRAINT "alert_rule_window" CHECK ("couplet"."alert_rule"."window_minutes" >= 0),
	CONSTRAINT "alert_rule_recover" CHECK ("couplet"."alert_rule"."recover_at" <= "couplet"."alert_rule"."threshold")
);
--> statement-breakpoint
CREATE TABLE "couplet"."alert_silence" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "couplet"."alert_silence_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"rule_name" text,
	"pair_name" text,
	"mapping_name" text,
	"until" timestamp (6) with time zone NOT NULL,
	"reason" text NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp (6) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "couplet"."outcome_total" (
	"mapping_id" bigint NOT NULL,
	"direction" text NOT NULL,
	"kind" text NOT NULL,
	"code" text NOT NULL,
	"records" bigint NOT NULL,
	CONSTRAINT "outcome_total_mapping_id_direction_kind_code_pk" PRIMARY KEY("mapping_id","direction","kind","code"),
	CONSTRAINT "outcome_total_direction" CHECK ("couplet"."outcome_total"."direction" in ('to', 'from')),
	CONSTRAINT "outcome_total_kind" CHECK ("couplet"."outcome_total"."kind" in ('inserted', 'modified', 'unchanged', 'coupled', 'uncoupled', 'deleted', 'skipped', 'waiting', 'conflict', 'failed'))
);
--> statement-breakpoint
ALTER TABLE "couplet"."alert" ADD CONSTRAINT "alert_rule_id_alert_rule_id_fk" FOREIGN KEY ("rule_id") REFERENCES "couplet"."alert_rule"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."alert_delivery" ADD CONSTRAINT "alert_delivery_alert_id_alert_id_fk" FOREIGN KEY ("alert_id") REFERENCES "couplet"."alert"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."alert_delivery" ADD CONSTRAINT "alert_delivery_channel_id_alert_channel_id_fk" FOREIGN KEY ("channel_id") REFERENCES "couplet"."alert_channel"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."outcome_total" ADD CONSTRAINT "outcome_total_mapping_id_table_mapping_id_fk" FOREIGN KEY ("mapping_id") REFERENCES "couplet"."table_mapping"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "alert_open" ON "couplet"."alert" USING btree ("rule_id","subject") WHERE "couplet"."alert"."recovered_at" is null;--> statement-breakpoint
CREATE INDEX "alert_recovered" ON "couplet"."alert" USING btree ("recovered_at") WHERE "couplet"."alert"."recovered_at" is not null;--> statement-breakpoint
CREATE INDEX "alert_delivery_due" ON "couplet"."alert_delivery" USING btree ("next_attempt_at");--> statement-breakpoint
CREATE INDEX "alert_delivery_of_alert" ON "couplet"."alert_delivery" USING btree ("alert_id");--> statement-breakpoint
CREATE INDEX "alert_delivery_of_channel" ON "couplet"."alert_delivery" USING btree ("channel_id");--> statement-breakpoint
CREATE INDEX "job_finished" ON "couplet"."job" USING btree ("finished_at");--> statement-breakpoint
CREATE INDEX "run_finished" ON "couplet"."run" USING btree ("finished_at");