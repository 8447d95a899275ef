import { Client, type Pool } from 'pg'
import { waitFor } from './servers.ts'

/** A place in the store that nobody passes while it is closed. */
export interface Gate {
  /** Waits until somebody stands before it. */
  reached(): Promise<void>
  /** Lets through who waits, and everybody after. */
  open(): Promise<void>
  /** Ends who waits, as a server does that notices the death of its client; then it is open. */
  cut(): Promise<void>
}

export interface Place {
  readonly table: string
  readonly on: 'INSERT' | 'UPDATE'
  /** SQL over NEW and OLD. */
  readonly when: string
}

let last = 0

/** Closes a gate before a row of the store is written. */
export async function closeGate(store: Pool, { table, on, when }: Place): Promise<Gate> {
  last += 1
  const [name, key] = [`gate_${last}`, 7_000_000 + last]
  await store.query(`
    CREATE FUNCTION public.${name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF ${when} THEN PERFORM pg_advisory_xact_lock_shared(${key}); END IF; RETURN NEW; END $$;
    CREATE TRIGGER ${name} BEFORE ${on} ON couplet.${table} FOR EACH ROW EXECUTE FUNCTION public.${name}()`)
  // A connection of its own: a test that fails leaves it to the end of its database.
  const keeper = new Client({ connectionString: store.options.connectionString })
  keeper.on('error', () => {})
  await keeper.connect()
  await keeper.query('SELECT pg_advisory_lock($1)', [key])
  const waiting = `FROM pg_locks WHERE locktype = 'advisory' AND objid = ${key} AND NOT granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
  const open = async () => {
    await keeper.end()
    await store.query(`DROP TRIGGER ${name} ON couplet.${table}; DROP FUNCTION public.${name}()`)
  }
  return {
    open,
    reached: async () =>
      void (await waitFor(
        `somebody before ${on} ${table}`,
        async () => ((await store.query(`SELECT ${waiting}`)).rowCount ?? 0) > 0,
      )),
    async cut() {
      await store.query(`SELECT pg_terminate_backend(pid) ${waiting}`)
      await open()
    },
  }
}
