import { expect } from 'vitest'
import { waitFor } from './servers.ts'

/** The store of an installation, as somebody sees it who asks it himself. */
export interface Books {
  readonly store: { query<T>(sql: string): Promise<{ readonly rows: T[] }> }
}

const read = `j.inserted + j.modified + j.unchanged + j.coupled + j.uncoupled + j.deleted + j.skipped + j.waiting
  + j.conflict + j.failed + j.ignored + j.not_coupled`
const kinds = ['inserted', 'modified', 'coupled', 'uncoupled', 'deleted', 'waiting', 'conflict', 'failed']

/** What must be empty whatever happened: each query names what does not add up. */
const violations = {
  'P7: a job whose counters are not its ledger': `
    SELECT j.id FROM couplet.job j LEFT JOIN couplet.outcome o ON o.job_id = j.id GROUP BY j.id
    HAVING j.read <> ${read} OR j.newly_skipped <> count(*) FILTER (WHERE o.kind = 'skipped')
      OR j.failed <> j.failed_transient + j.failed_permanent + j.failed_config OR ${kinds
        .map((kind) => `j.${kind} <> count(*) FILTER (WHERE o.kind = '${kind}')`)
        .join(' OR ')}`,
  'P3: a coupling that was not made exactly once': `
    SELECT c.mapping_id, c.local_key, c.remote_key, count(o.id)::int FROM couplet.coupling c
    LEFT JOIN couplet.outcome o ON o.mapping_id = c.mapping_id AND o.local_key = c.local_key AND o.remote_key = c.remote_key
      AND o.kind IN ('inserted', 'coupled')
    GROUP BY 1, 2, 3 HAVING count(o.id) <> 1`,
  'P7: a creation in the ledger without its coupling': `
    SELECT o.id FROM couplet.outcome o WHERE o.kind IN ('inserted', 'coupled') AND NOT EXISTS (SELECT FROM couplet.coupling c
      WHERE c.mapping_id = o.mapping_id AND c.local_key = o.local_key AND c.remote_key = o.remote_key)
    AND NOT EXISTS (SELECT FROM couplet.outcome e WHERE e.mapping_id = o.mapping_id AND e.local_key = o.local_key
      AND e.remote_key = o.remote_key AND e.kind IN ('deleted', 'uncoupled') AND e.id > o.id)`,
  'P10: a run, line or job that has not ended': `
    SELECT 'run ' || id || ' ' || state FROM couplet.run WHERE state IN ('queued', 'running')
    UNION ALL SELECT 'line ' || id || ' ' || state FROM couplet.line WHERE state IN ('pending', 'ready', 'running')
    UNION ALL SELECT 'job ' || id || ' ' || state FROM couplet.job WHERE state IN ('ready', 'running')`,
  'a request nobody has answered': 'SELECT id FROM couplet.inbox',
  'an intent that nobody has closed': 'SELECT id, settled_once FROM couplet.page_intent',
}

/** What does not add up, or has been left open, by name. */
export async function unbalanced(couplet: Books): Promise<Readonly<Record<string, readonly object[]>>> {
  const found: Record<string, readonly object[]> = {}
  for (const [name, sql] of Object.entries(violations)) {
    const { rows } = await couplet.store.query<object>(sql)
    if (rows.length > 0) found[name] = rows
  }
  return found
}

/** Asserts that counters, ledger, couplings and states of work belong together and nothing is left open. */
export async function expectBalancedBooks(couplet: Books): Promise<void> {
  expect(await unbalanced(couplet)).toEqual({})
  await waitFor('every lease of a table is given back', async () => {
    const { rows } = await couplet.store.query(
      `SELECT FROM couplet.lease WHERE expires_at > clock_timestamp() AND resource NOT LIKE 'scheduler/%'`,
    )
    return rows.length === 0
  })
}

/**
 * Lets the time of all page intents pass, instead of waiting for it: each gets its last look, and everything that
 * follows from it is done.
 */
export async function settleIntents(couplet: Books): Promise<void> {
  await waitFor(
    'the last look at every intent',
    async () => {
      await couplet.store.query(`UPDATE couplet.page_intent SET deadline_at = clock_timestamp() - interval '1 minute'
        WHERE deadline_at > clock_timestamp()`)
      return isQuiet(couplet)
    },
    60_000,
  )
}

/** Waits until no run is left to do. */
export async function quiet(couplet: Books, timeoutMs = 60_000): Promise<void> {
  await waitFor('all runs have ended', () => isQuiet(couplet, false), timeoutMs)
}

/** Instead of waiting for the pauses between attempts: what fails once more in the same way is set aside, and rests then. */
async function isQuiet(couplet: Books, withIntents = true): Promise<boolean> {
  await couplet.store.query(
    'UPDATE couplet.issue SET next_attempt_at = clock_timestamp() WHERE next_attempt_at > clock_timestamp()',
  )
  const { rows } = await couplet.store.query<{ open: boolean }>(`
    SELECT EXISTS (SELECT FROM couplet.run WHERE state IN ('queued', 'running')) OR EXISTS (SELECT FROM couplet.inbox)
      OR EXISTS (SELECT FROM couplet.issue WHERE next_attempt_at IS NOT NULL)
      OR ${withIntents ? 'EXISTS (SELECT FROM couplet.page_intent)' : 'false'} AS open`)
  return rows[0]?.open === false
}
