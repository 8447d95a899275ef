import type { Pool } from 'pg'

/** Everything in the store, put aside as a backup of the database server would. */
export async function takeSnapshot(store: Pool): Promise<void> {
  await store.query(`
    DO $$ DECLARE t text; BEGIN
      CREATE SCHEMA snapshot;
      FOR t IN SELECT relname FROM pg_class WHERE relnamespace = 'couplet'::regnamespace AND relkind = 'r' LOOP
        EXECUTE format('CREATE TABLE snapshot.%I AS TABLE couplet.%I', t, t);
      END LOOP;
      CREATE TABLE snapshot.couplet_sequences AS SELECT sequencename::text AS name, last_value FROM pg_sequences WHERE schemaname = 'couplet';
    END $$`)
}

/** The store as it was; the queue, which lies elsewhere, knows nothing of it. */
export async function restoreSnapshot(store: Pool): Promise<void> {
  await store.query(`
    DO $$ DECLARE t text; BEGIN
      SET LOCAL session_replication_role = replica;
      FOR t IN SELECT relname FROM pg_class WHERE relnamespace = 'couplet'::regnamespace AND relkind = 'r' LOOP
        EXECUTE format('DELETE FROM couplet.%I', t);
      END LOOP;
      FOR t IN SELECT relname FROM pg_class WHERE relnamespace = 'snapshot'::regnamespace AND relname <> 'couplet_sequences' LOOP
        EXECUTE format('INSERT INTO couplet.%I OVERRIDING SYSTEM VALUE SELECT * FROM snapshot.%I', t, t);
      END LOOP;
      PERFORM setval(format('couplet.%I', name)::regclass, coalesce(last_value, 1), last_value IS NOT NULL) FROM snapshot.couplet_sequences;
    END $$`)
}
