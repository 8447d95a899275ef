-- The rules that every installation begins with: to be changed or removed like one's own (`couplet alerts rules`).
INSERT INTO couplet.alert_rule (name, metric, window_minutes, threshold, recover_at, severity) VALUES
  ('mapping-late', 'mapping-age', 0, 60, NULL, 'warning'),
  ('run-failed', 'failed-runs', 60, 0, NULL, 'critical'),
  ('many-failures', 'failed-records', 60, 50, 0, 'warning'),
  ('conflicts-wait', 'open-conflicts', 60, 0, NULL, 'info'),
  ('deletions-held', 'held-deletions', 0, 0, NULL, 'warning'),
  ('queue-stuck', 'queue-wait', 5, 300, 60, 'critical'),
  ('run-too-long', 'run-duration', 0, 720, NULL, 'warning'),
  ('budget-exhausted', 'budget-used', 15, 95, 80, 'warning');
