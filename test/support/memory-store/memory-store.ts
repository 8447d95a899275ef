import type { AccessStore } from '../../../src/core/ports/access-store.ts'
import type { BulkStore } from '../../../src/core/ports/bulk-store.ts'
import type { MatchStore } from '../../../src/core/ports/match-store.ts'
import type { Clock } from '../../../src/core/ports/runtime.ts'
import type { Stores } from '../../../src/usecases/deps.ts'
import { createBudgetStore } from './budgets.ts'
import { createControlStore } from './control.ts'
import { createDeletionStore } from './deletions.ts'
import { createLeaseStore } from './leases.ts'
import { createMappingStore } from './mappings.ts'
import { createOperationsStore } from './operations.ts'
import { createPreviewStore } from './previews.ts'
import { createRunStore } from './runs.ts'
import { createScheduleStore } from './schedules.ts'
import { createSyncStore } from './sync.ts'
import { Tables } from './tables.ts'

/** Matching compares both sides by statements over whole tables: what those do is proved on Postgres alone. */
const refuse = () => Promise.reject(new RangeError('The store in memory does not match whole tables'))
const matches: MatchStore = {
  beginMatching: refuse,
  stageMatchKeys: refuse,
  countStaged: refuse,
  judgeMatches: refuse,
  findFindings: refuse,
  listFindings: refuse,
}

/** Keys, people and the audit log are proved on Postgres alone: no rule of synchronization asks for them. */
const access = new Proxy({} as AccessStore, {
  get: () => () => Promise.reject(new RangeError('The store in memory knows nobody')),
})

/** Operations over many records are statements over whole tables: proved on Postgres alone. In memory there are none. */
const bulk = new Proxy({ listUnfinished: async () => [] } as Partial<BulkStore> as BulkStore, {
  get: (target, name) =>
    Reflect.get(target, name) ??
    (() => Promise.reject(new RangeError('The store in memory has no operations'))),
})

/** The store on plain objects and a clock of the test, held to the same contract as the one on Postgres. */
export function createMemoryStore(clock: Clock): Stores {
  const tables = new Tables(clock)
  return {
    mappings: createMappingStore(tables),
    leases: createLeaseStore(tables),
    sync: createSyncStore(tables),
    runs: createRunStore(tables),
    operations: createOperationsStore(tables),
    previews: createPreviewStore(tables),
    matches,
    deletions: createDeletionStore(tables),
    budgets: createBudgetStore(clock),
    access,
    schedules: createScheduleStore(tables),
    control: createControlStore(tables, clock),
    bulk,
  }
}
