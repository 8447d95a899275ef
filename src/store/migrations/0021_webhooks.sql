CREATE TABLE "couplet"."webhook_attempt" (
	"delivery_id" bigint NOT NULL,
	"attempt" integer NOT NULL,
	"at" timestamp (6) with time zone DEFAULT clock_timestamp() NOT NULL,
	"status" integer,
	"code" text,
	"ms" integer NOT NULL,
	CONSTRAINT "webhook_attempt_delivery_id_attempt_pk" PRIMARY KEY("delivery_id","attempt"),
	CONSTRAINT "webhook_attempt_result" CHECK (("couplet"."webhook_attempt"."status" is null) = ("couplet"."webhook_attempt"."code" is not null))
);
--> statement-breakpoint
CREATE TABLE "couplet"."webhook_delivery" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "couplet"."webhook_delivery_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"event_id" uuid NOT NULL,
	"endpoint_id" bigint,
	"callback_url" text,
	"callback_origin" text,
	"state" text DEFAULT 'due' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"tries" integer DEFAULT 0 NOT NULL,
	"due_since" timestamp (6) with time zone DEFAULT clock_timestamp() NOT NULL,
	"next_attempt_at" timestamp (6) with time zone DEFAULT clock_timestamp() NOT NULL,
	"ended_at" timestamp (6) with time zone,
	CONSTRAINT "webhook_delivery_state" CHECK ("couplet"."webhook_delivery"."state" in ('due', 'delivered', 'failed')),
	CONSTRAINT "webhook_delivery_target" CHECK (("couplet"."webhook_delivery"."endpoint_id" is null) = ("couplet"."webhook_delivery"."callback_url" is not null)
        and ("couplet"."webhook_delivery"."callback_url" is null) = ("couplet"."webhook_delivery"."callback_origin" is null))
);
--> statement-breakpoint
CREATE TABLE "couplet"."webhook_endpoint" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "couplet"."webhook_endpoint_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"url" text NOT NULL,
	"events" text[] NOT NULL,
	"pair_name" text,
	"mapping_names" text[] DEFAULT '{}' NOT NULL,
	"secret" text,
	"previous_secret" text,
	"previous_until" timestamp (6) with time zone,
	"enabled" boolean DEFAULT true NOT NULL,
	"disabled_reason" text,
	"failing_since" timestamp (6) with time zone,
	"created_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (6) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "webhook_endpoint_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "couplet"."webhook_event" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"type" text NOT NULL,
	"at" timestamp (6) with time zone DEFAULT clock_timestamp() NOT NULL,
	"data" json NOT NULL,
	CONSTRAINT "webhook_event_type" CHECK ("couplet"."webhook_event"."type" in ('run.finished', 'conflict.opened', 'issue.opened', 'issue.closed', 'mapping.late', 'mapping.recovered', 'webhook.test'))
);
--> statement-breakpoint
ALTER TABLE "couplet"."alert_rule" DROP CONSTRAINT "alert_rule_metric";--> statement-breakpoint
ALTER TABLE "couplet"."run" ADD COLUMN "callback_url" text;--> statement-breakpoint
ALTER TABLE "couplet"."webhook_attempt" ADD CONSTRAINT "webhook_attempt_delivery" FOREIGN KEY ("delivery_id") REFERENCES "couplet"."webhook_delivery"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."webhook_delivery" ADD CONSTRAINT "webhook_delivery_event_id_webhook_event_id_fk" FOREIGN KEY ("event_id") REFERENCES "couplet"."webhook_event"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "couplet"."webhook_delivery" ADD CONSTRAINT "webhook_delivery_endpoint_id_webhook_endpoint_id_fk" FOREIGN KEY ("endpoint_id") REFERENCES "couplet"."webhook_endpoint"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "webhook_delivery_due_endpoint" ON "couplet"."webhook_delivery" USING btree ("endpoint_id","next_attempt_at","id") WHERE "couplet"."webhook_delivery"."state" = 'due' and "couplet"."webhook_delivery"."endpoint_id" is not null;--> statement-breakpoint
CREATE INDEX "webhook_delivery_due_callback" ON "couplet"."webhook_delivery" USING btree ("next_attempt_at","id") WHERE "couplet"."webhook_delivery"."state" = 'due' and "couplet"."webhook_delivery"."endpoint_id" is null;--> statement-breakpoint
CREATE INDEX "webhook_delivery_of_event" ON "couplet"."webhook_delivery" USING btree ("event_id");--> statement-breakpoint
CREATE INDEX "webhook_delivery_of_endpoint" ON "couplet"."webhook_delivery" USING btree ("endpoint_id","id");--> statement-breakpoint
CREATE INDEX "webhook_event_at" ON "couplet"."webhook_event" USING btree ("at");--> statement-breakpoint
ALTER TABLE "couplet"."alert_rule" ADD CONSTRAINT "alert_rule_metric" CHECK ("couplet"."alert_rule"."metric" in ('mapping-age', 'failed-records', 'failed-runs', 'open-issues', 'open-conflicts', 'held-deletions', 'queue-wait', 'run-duration', 'budget-used', 'webhook-failing'));--> statement-breakpoint
INSERT INTO couplet.alert_rule (name, metric, window_minutes, threshold, recover_at, severity)
VALUES ('webhook-fails', 'webhook-failing', 0, 60, NULL, 'warning') ON CONFLICT (name) DO NOTHING;
