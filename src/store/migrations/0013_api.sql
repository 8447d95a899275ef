ALTER TABLE "couplet"."run" ADD COLUMN "cancelled_by" text;--> statement-breakpoint
CREATE INDEX "issue_of_kind" ON "couplet"."issue" USING btree ("kind","id");--> statement-breakpoint
CREATE INDEX "issue_of_mapping" ON "couplet"."issue" USING btree ("mapping_id","id");--> statement-breakpoint
CREATE INDEX "job_of_state" ON "couplet"."job" USING btree ("state","id");--> statement-breakpoint
CREATE INDEX "run_of_state" ON "couplet"."run" USING btree ("state","id");--> statement-breakpoint
CREATE INDEX "run_of_pair_by_id" ON "couplet"."run" USING btree ("pair_id","id");