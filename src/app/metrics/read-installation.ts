import { type BudgetReading, readBudgetState } from '../../core/budget/budget-reading.ts'
import { toSyncError } from '../../core/errors.ts'
import type {
  IssueTotal,
  MappingAge,
  OutcomeTotal,
  UnfinishedRuns,
} from '../../core/ports/observation-store.ts'
import type { KnownProcess } from '../../core/ports/process-store.ts'
import { observeQueues, type QueueReading } from '../../queue/observe.ts'
import { budgetLimitsOf } from '../connections.ts'
import type { Context } from '../context.ts'
import { inTime } from '../health.ts'

/** How the budget of one application user of a connection stands. */
export interface UserBudget extends BudgetReading {
  readonly connection: string
  readonly identity: string
}

/** What holds for the whole installation at one moment, whichever process asks. */
export interface InstallationReading {
  readonly ages: readonly MappingAge[]
  readonly outcomes: readonly OutcomeTotal[]
  readonly issues: readonly IssueTotal[]
  readonly runs: readonly UnfinishedRuns[]
  readonly budgets: readonly UserBudget[]
  readonly processes: readonly KnownProcess[]
}

type Source = Pick<Context, 'deps' | 'care' | 'backend' | 'log'>

/** Reads what the store knows. Throws when it cannot be reached. */
export async function readInstallation(source: Source): Promise<InstallationReading> {
  const { observation } = source.care
  const [ages, outcomes, issues, runs, budgets, processes] = await Promise.all([
    observation.listMappingAges(),
    observation.listOutcomeTotals(),
    observation.listIssueTotals(),
    observation.listUnfinishedRuns(),
    readBudgets(source),
    source.care.processes.listProcesses(),
  ])
  return { ages, outcomes, issues, runs, budgets, processes }
}

/** A queue that says nothing for so long, frozen perhaps, must not keep what else is known from being told. */
export const QUEUE_TIMEOUT_MS = 5_000

/** Throws QUEUE_UNAVAILABLE, or CONNECTION_INTERRUPTED when nothing is said in time. */
export function readQueues({ backend, deps }: Source): Promise<readonly QueueReading[]> {
  return inTime('queue', () => observeQueues(backend, deps.clock.now().getTime()), QUEUE_TIMEOUT_MS)
}

/** A connection whose settings are wrong has no readable budget; its jobs say what is wrong with it. */
export async function readBudgets({
  deps,
  log,
}: Pick<Source, 'deps' | 'log'>): Promise<readonly UserBudget[]> {
  const budgets: UserBudget[] = []
  for (const connection of await deps.stores.mappings.listConnections()) {
    try {
      const limits = budgetLimitsOf(connection)
      const stored = limits === null ? [] : await deps.stores.budgets.readBudgets(connection.id)
      for (const { identity, state, now } of stored) {
        if (limits === null) continue
        budgets.push({ connection: connection.name, identity, ...readBudgetState(state, now, limits) })
      }
    } catch (error) {
      const failure = toSyncError(error)
      if (failure.code !== 'CONFIG_INVALID') throw error
      log.debug({ err: failure, connection: connection.name }, 'The budget of a connection could not be read')
    }
  }
  return budgets
}
