ALTER TABLE "couplet"."alert_rule" DROP CONSTRAINT "alert_rule_metric";--> statement-breakpoint
ALTER TABLE "couplet"."alert_rule" ADD CONSTRAINT "alert_rule_metric" CHECK ("couplet"."alert_rule"."metric" in ('mapping-late', 'mapping-age', 'failed-records', 'failed-runs', 'open-issues', 'open-conflicts', 'held-deletions', 'queue-wait', 'run-duration', 'budget-used', 'webhook-failing'));--> statement-breakpoint
-- The rule that every installation begins with judges by the schedules; one that somebody has set otherwise is left alone.
UPDATE couplet.alert_rule SET metric = 'mapping-late', updated_at = now()
  WHERE name = 'mapping-late' AND metric = 'mapping-age' AND threshold = 60 AND pair_name IS NULL AND mapping_name IS NULL;
