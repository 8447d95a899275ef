DROP INDEX "couplet"."match_key_of_mapping";--> statement-breakpoint
DROP INDEX "couplet"."match_key_of_job";--> statement-breakpoint
CREATE INDEX "match_key_of_job" ON "couplet"."match_key" USING btree ("job_id");