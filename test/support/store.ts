import { Pool } from 'pg'
import { createStore, type Store } from '../../src/store/store.ts'
import { createStoreDatabase } from './postgres.ts'

export interface TestStore {
  readonly store: Store
  readonly pool: Pool
  readonly url: string
  close(): Promise<void>
}

/** A pool that survives the end of its database: dropping it may overtake connections that are still closing. */
export function openTestPool(url: string): Pool {
  const pool = new Pool({ connectionString: url, max: 8 })
  pool.on('error', () => {})
  return pool
}

/** A migrated store in a database of its own. */
export async function openTestStore(): Promise<TestStore> {
  const { url, drop } = await createStoreDatabase()
  const pool = openTestPool(url)
  return {
    store: createStore(pool),
    pool,
    url,
    async close() {
      await pool.end()
      await drop()
    },
  }
}
