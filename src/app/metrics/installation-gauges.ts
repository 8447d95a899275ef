import { Counter, Gauge, type Registry } from 'prom-client'
import { isSilent, type KnownProcess, takersOf } from '../../core/ports/process-store.ts'
import { groupBy } from '../../lib/group.ts'
import { queueNames } from '../../queue/backend.ts'
import type { QueueReading } from '../../queue/observe.ts'
import type { InstallationReading } from './read-installation.ts'

/** The metrics of the whole installation; null values are those of a part that could not be asked. */
export interface InstallationGauges {
  fill(reading: InstallationReading | null, queues: readonly QueueReading[] | null): void
}

/** Names and labels are a contract with dashboards (docs/observability.md). */
export function createInstallationGauges(register: Registry): InstallationGauges {
  const gauge = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name: `couplet_${name}`, help, labelNames, registers: [register] })
  const up = gauge('up', '1 when the part could be asked for this answer.', 'part')
  const age = gauge(
    'mapping_age_seconds',
    'Since the last job that brought this direction up to date began.',
    ...['pair', 'mapping', 'direction', 'scheduled'],
  )
  const outcomes = new Counter({
    name: 'couplet_outcomes_total',
    help: 'Outcomes of records since the beginning. Code is empty where there is none.',
    labelNames: ['pair', 'mapping', 'direction', 'kind', 'code'],
    registers: [register],
  })
  const issues = gauge('issues', 'Records that have an issue now.', 'pair', 'mapping', 'kind')
  const held = gauge('held_deletions', 'Deletions that wait for an approval.', 'pair', 'mapping')
  const runs = gauge('runs', 'Runs that have not ended.', 'pair', 'state')
  const runAge = gauge('run_oldest_seconds', 'Since the oldest unfinished run was asked for.', 'pair')
  const jobs = gauge('queue_jobs', 'Jobs in the queue by state.', 'queue', 'state')
  const waiting = gauge(
    'queue_oldest_waiting_seconds',
    'Since the oldest job was added that a worker could take; 0: none waits.',
    'queue',
  )
  const budget = gauge(
    'budget_used_ratio',
    'Used part of what the system grants one application user, by limit.',
    ...['connection', 'user', 'limit'],
  )
  const hold = gauge('budget_hold_seconds', 'Nothing is sent for so long.', 'connection', 'user')
  const processes = gauge('processes', 'Processes that lead, or take jobs from a queue, now.', 'does')

  const fillStore = ({
    ages,
    outcomes: totals,
    issues: open,
    runs: active,
    budgets,
    processes: known,
  }: InstallationReading) => {
    for (const { ageSeconds, isScheduled, ...labels } of ages) {
      age.set({ ...labels, scheduled: String(isScheduled) }, ageSeconds)
    }
    for (const { records, ...labels } of totals) outcomes.inc(labels, records)
    for (const { records, held: waits, kind, ...labels } of open) {
      issues.set({ ...labels, kind }, records)
      held.inc(labels, waits)
    }
    for (const { pair, isStarted, runs: count } of active)
      runs.set({ pair, state: isStarted ? 'running' : 'queued' }, count)
    for (const [pair, ofPair] of groupBy(active, (each) => each.pair))
      runAge.set({ pair }, Math.max(0, ...ofPair.map(({ oldestSeconds }) => oldestSeconds)))
    for (const { connection, identity, facets, holdForMs } of budgets) {
      for (const { facet, used, limit } of facets)
        budget.set({ connection, user: identity, limit: facet }, used / limit)
      hold.set({ connection, user: identity }, holdForMs / 1_000)
    }
    fillProcesses(processes, known)
  }
  const fillQueues = (queues: readonly QueueReading[]) => {
    for (const { queue, jobs: counts, oldestWaitingMs } of queues) {
      for (const [state, count] of Object.entries(counts)) jobs.set({ queue, state }, count)
      waiting.set({ queue }, (oldestWaitingMs ?? 0) / 1_000)
    }
  }
  return {
    fill(reading, queues) {
      const all = [age, outcomes, issues, held, runs, runAge, jobs, waiting, budget, hold, processes]
      for (const one of all) one.reset()
      up.set({ part: 'store' }, reading === null ? 0 : 1)
      up.set({ part: 'queue' }, queues === null ? 0 : 1)
      if (reading !== null) fillStore(reading)
      if (queues !== null) fillQueues(queues)
    },
  }
}

/** Also what nobody does is told, as 0: a value that is missing wakes no one. */
function fillProcesses(gauge: Gauge, known: readonly KnownProcess[]): void {
  gauge.set({ does: 'leads' }, known.filter((each) => each.isLeader && !isSilent(each)).length)
  for (const queue of queueNames) gauge.set({ does: queue }, takersOf(known, queue).length)
}
