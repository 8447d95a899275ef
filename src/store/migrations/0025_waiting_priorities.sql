-- Priorities have new numbers (core/jobs/priority.ts): what waits keeps its place, and a scheduled run does not count as awaited.
UPDATE "couplet"."run" SET "priority" = CASE "priority" WHEN 1 THEN CASE "kind" WHEN 'records' THEN 2 ELSE 5 END WHEN 5 THEN 8 ELSE "priority" END
WHERE "state" IN ('queued', 'running');
