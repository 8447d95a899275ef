ALTER TABLE "couplet"."deletion_look" ADD COLUMN "access" text;--> statement-breakpoint
ALTER TABLE "couplet"."coupling" DROP COLUMN "follow_up";