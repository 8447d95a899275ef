CREATE TABLE "couplet"."joined_request" (
	"pair_id" bigint NOT NULL,
	"idempotency_key" text NOT NULL,
	"payload_hash" text NOT NULL,
	"run_id" bigint NOT NULL,
	CONSTRAINT "joined_request_pair_id_idempotency_key_pk" PRIMARY KEY("pair_id","idempotency_key")
);
--> statement-breakpoint
ALTER TABLE "couplet"."joined_request" ADD CONSTRAINT "joined_request_run" FOREIGN KEY ("run_id","pair_id") REFERENCES "couplet"."run"("id","pair_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "joined_request_of_run" ON "couplet"."joined_request" USING btree ("run_id");