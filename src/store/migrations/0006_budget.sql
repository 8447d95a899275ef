CREATE TABLE "couplet"."request_budget" (
	"connection_id" bigint NOT NULL,
	"identity" text collate "C" NOT NULL,
	"revision" bigint NOT NULL,
	"state" json NOT NULL,
	CONSTRAINT "request_budget_connection_id_identity_pk" PRIMARY KEY("connection_id","identity")
);
--> statement-breakpoint
ALTER TABLE "couplet"."request_budget" ADD CONSTRAINT "request_budget_connection_id_connection_id_fk" FOREIGN KEY ("connection_id") REFERENCES "couplet"."connection"("id") ON DELETE cascade ON UPDATE no action;