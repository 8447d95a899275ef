-- Unlogged by hand: what a pass has met is worth no log; after a crash of the server more is looked at than need be.
CREATE UNLOGGED TABLE "couplet"."seen_coupling" (
	"mapping_id" bigint NOT NULL,
	"coupling_ids" bigint[] NOT NULL
);
