ALTER TABLE "couplet"."alert_rule" DROP CONSTRAINT "alert_rule_metric";--> statement-breakpoint
ALTER TABLE "couplet"."alert_rule" ADD CONSTRAINT "alert_rule_metric" CHECK ("couplet"."alert_rule"."metric" in ('mapping-late', 'mapping-age', 'failed-records', 'failed-runs', 'open-issues', 'open-conflicts', 'held-deletions', 'queue-wait', 'run-duration', 'budget-used', 'webhook-failing', 'queue-unreachable', 'connection-down', 'no-worker', 'no-leader'));--> statement-breakpoint
INSERT INTO couplet.alert_rule (name, metric, window_minutes, threshold, recover_at, severity) VALUES
  ('nobody-leads', 'no-leader', 5, 0, NULL, 'critical')
  ON CONFLICT (name) DO NOTHING;
