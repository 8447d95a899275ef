import { sql } from 'drizzle-orm'
import { exchange } from '../../core/budget/exchange.ts'
import { BudgetState, freshBudget } from '../../core/budget/state.ts'
import type { BudgetStore } from '../../core/ports/budget-store.ts'
import { present } from '../../lib/assert.ts'
import { clock, type Executor } from '../database.ts'

interface BudgetKey {
  readonly connectionId: number
  readonly identity: string
}

interface FoundBudget {
  /** The database's clock, ms. */
  readonly now: number
  /** Null: nobody has used this identity yet. */
  readonly stored: { readonly revision: string; readonly state: BudgetState } | null
}

export function createBudgetStore(db: Executor): BudgetStore {
  return {
    exchange: (request) => exchangeInTurn(db, request),
    readBudgets: (connectionId) => readBudgets(db, connectionId),
  }
}

/**
 * Two statements: read, and change what has been read. No lock is held between them, so that a worker which is frozen
 * there holds up nobody; whoever finds the state changed in between works it out again.
 */
async function exchangeInTurn(
  db: Executor,
  { limits, report, ...key }: Parameters<BudgetStore['exchange']>[0],
): ReturnType<BudgetStore['exchange']> {
  for (;;) {
    const { now, stored } = await findBudget(db, key)
    const { state, grant } = exchange(stored?.state ?? freshBudget(now), report, now, limits)
    if (await saveBudget(db, key, stored?.revision ?? null, state)) return grant
  }
}

async function findBudget(db: Executor, { connectionId, identity }: BudgetKey): Promise<FoundBudget> {
  const { rows } = await db.execute<{ now: number; revision: string | null; state: unknown }>(sql`
    select ${clockMs} as now, budget.revision::text as revision, budget.state
    from (values (1)) as one
    left join couplet.request_budget as budget
      on budget.connection_id = ${connectionId} and budget.identity = ${identity}`)
  const { now, revision, state } = present(rows[0], 'clock')
  return { now, stored: revision === null ? null : { revision, state: BudgetState.parse(state) } }
}

/** False when the budget is no longer the one that was read. */
async function saveBudget(
  db: Executor,
  { connectionId, identity }: BudgetKey,
  revision: string | null,
  state: BudgetState,
): Promise<boolean> {
  const document = sql`${JSON.stringify(state)}::json`
  const { rowCount } = await db.execute(
    revision === null
      ? sql`
          insert into couplet.request_budget (connection_id, identity, revision, state)
          values (${connectionId}, ${identity}, 1, ${document}) on conflict do nothing`
      : sql`
          update couplet.request_budget set revision = revision + 1, state = ${document}
          where connection_id = ${connectionId} and identity = ${identity} and revision = ${revision}::bigint`,
  )
  return rowCount === 1
}

async function readBudgets(db: Executor, connectionId: number): ReturnType<BudgetStore['readBudgets']> {
  const { rows } = await db.execute<{ now: number; identity: string; state: unknown }>(sql`
    select ${clockMs} as now, identity, state from couplet.request_budget
    where connection_id = ${connectionId} order by identity`)
  return rows.map(({ now, identity, state }) => ({ now, identity, state: BudgetState.parse(state) }))
}

const clockMs = sql`(extract(epoch from ${clock}) * 1000)::float8`
