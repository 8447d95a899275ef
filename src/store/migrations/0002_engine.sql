ALTER TABLE "couplet"."field_mapping" ADD COLUMN "remote_when_not_coupled" text;--> statement-breakpoint
ALTER TABLE "couplet"."field_mapping" ADD COLUMN "at_least" text;--> statement-breakpoint
CREATE INDEX "outcome_of_local" ON "couplet"."outcome" USING btree ("mapping_id","local_key");--> statement-breakpoint
CREATE INDEX "outcome_of_remote" ON "couplet"."outcome" USING btree ("mapping_id","remote_key");