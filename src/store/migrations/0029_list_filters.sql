CREATE INDEX "job_created" ON "couplet"."job" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "outcome_at" ON "couplet"."outcome" USING brin ("at");--> statement-breakpoint
CREATE INDEX "run_of_requester" ON "couplet"."run" USING btree ("requested_by","id");--> statement-breakpoint
CREATE INDEX "run_created" ON "couplet"."run" USING btree ("created_at");