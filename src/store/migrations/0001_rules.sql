-- What the table definitions in src/store/schema cannot say.

ALTER TABLE couplet.table_mapping
  ADD CONSTRAINT table_mapping_version FOREIGN KEY (id, version)
    REFERENCES couplet.mapping_version (mapping_id, version) DEFERRABLE INITIALLY DEFERRED,
  ADD CONSTRAINT table_mapping_local_watermark_run FOREIGN KEY (local_watermark_run) REFERENCES couplet.run (id),
  ADD CONSTRAINT table_mapping_remote_watermark_run FOREIGN KEY (remote_watermark_run) REFERENCES couplet.run (id);
--> statement-breakpoint
CREATE TABLE couplet.outcome_default PARTITION OF couplet.outcome DEFAULT;
--> statement-breakpoint
-- Two bases of twenty fields stay in the row: compressing and moving them out costs more than the wider row.
ALTER TABLE couplet.coupling SET (toast_tuple_target = 8160, fillfactor = 90);
--> statement-breakpoint
-- Lives for the length of one request to the other system: not worth compressing.
ALTER TABLE couplet.page_intent ALTER COLUMN writes SET STORAGE EXTERNAL;
--> statement-breakpoint
CREATE FUNCTION couplet.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND current_setting('couplet.retention', true) = 'on' THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION '%.% is append-only: % refused', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP
    USING ERRCODE = 'restrict_violation';
END
$$;
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON couplet.outcome
  FOR EACH ROW EXECUTE FUNCTION couplet.refuse_change();
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON couplet.audit_log
  FOR EACH ROW EXECUTE FUNCTION couplet.refuse_change();
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON couplet.mapping_version
  FOR EACH ROW EXECUTE FUNCTION couplet.refuse_change();
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON couplet.field_mapping
  FOR EACH ROW EXECUTE FUNCTION couplet.refuse_change();
