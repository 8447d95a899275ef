--> statement-breakpoint
-- Written by hand. Staging of one job at a time: what a crash of the server takes away is read again.
ALTER TABLE couplet.match_key SET UNLOGGED;
--> statement-breakpoint
-- Written by hand: what a comparison has staged is worth no log; after a crash of the server it begins again.
ALTER TABLE couplet.staged_key SET UNLOGGED;
