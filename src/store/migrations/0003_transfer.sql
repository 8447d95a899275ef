ALTER TABLE "couplet"."field_mapping" ADD COLUMN "transform" jsonb;--> statement-breakpoint
ALTER TABLE "couplet"."field_mapping" ADD COLUMN "on_too_long" text;--> statement-breakpoint
ALTER TABLE "couplet"."outcome" ADD COLUMN "warnings" jsonb;--> statement-breakpoint
ALTER TABLE "couplet"."field_mapping" ADD CONSTRAINT "field_mapping_too_long" CHECK ("couplet"."field_mapping"."on_too_long" in ('refuse', 'cut and warn'));