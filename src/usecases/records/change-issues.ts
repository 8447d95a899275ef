import { SyncError } from '../../core/errors.ts'
import { runPriority } from '../../core/jobs/priority.ts'
import type { IssueCount, IssuePage } from '../../core/ports/operations-store.ts'
import type { IssueFilter } from '../../core/sync/issue.ts'
import { plainOptions, type Run } from '../../core/sync/run.ts'
import { groupBy } from '../../lib/group.ts'
import { sleep } from '../../lib/sleep.ts'
import type { Deps } from '../deps.ts'
import { requestLine } from '../flow/plan-run.ts'
import { storeAndEnqueue } from '../flow/start-run.ts'

/** Issues changed by one statement. */
const PAGE = 1_000
/** What a page commit holds is free in a moment. */
const BUSY_MS = 50
const BUSY_ROUNDS = 100

export interface IssuesRequest {
  readonly filter: IssueFilter
  readonly requestedBy: string
  /** Left out: none is given. */
  readonly reason?: string | null
}

type IssueDeps = Pick<Deps, 'stores' | 'queue' | 'log'>

/**
 * Sets the records of these issues aside: nothing tries them again before they change, or somebody releases them. An
 * attempt that is under way has the last word on its record. Returns how many.
 */
export async function skipIssues(
  { filter, requestedBy, reason = null }: IssuesRequest,
  { stores }: Pick<Deps, 'stores'>,
): Promise<number> {
  await assertAny(filter, stores)
  const skipped = await changeAll(filter, (part, page) =>
    stores.operations.skipIssues(part, page, { by: requestedBy, reason }),
  )
  await writeAudit('issues.skip', { filter, requestedBy, reason }, skipped, stores)
  return skipped
}

/**
 * Makes exactly these issues due, those that were set aside as well, and starts a run per pair that works them off; throws
 * NOTHING_TO_RETRY. Should the process die in between, they are due, and the sweeper starts the run.
 */
export async function retryIssues(
  { filter, requestedBy, reason = null }: IssuesRequest,
  deps: IssueDeps,
): Promise<{ readonly released: number; readonly runs: readonly Run[] }> {
  const { stores } = deps
  const counts = await assertAny(filter, stores)
  const released = await changeAll(filter, (part, page) => stores.operations.releaseIssues(part, page))
  await writeAudit('issues.retry', { filter, requestedBy, reason }, released, stores)
  return { released, runs: await startRuns(counts, requestedBy, deps) }
}

async function assertAny(filter: IssueFilter, stores: Deps['stores']): Promise<readonly IssueCount[]> {
  const counts = await stores.operations.countIssues(filter)
  if (counts.length === 0) throw new SyncError('NOTHING_TO_RETRY', 'There are no such issues')
  return counts
}

type Change = (filter: IssueFilter, page: { after: number; limit: number }) => Promise<IssuePage>

/** Page by page; rows that were held are asked for again, by their ids. Those solved meanwhile are gone. */
async function changeAll(filter: IssueFilter, change: Change): Promise<number> {
  let changed = 0
  const busy: number[] = []
  for (let after: number | null = 0; after !== null; ) {
    const page: IssuePage = await change(filter, { after, limit: PAGE })
    changed += page.changed
    busy.push(...page.passedOver)
    after = page.next
  }
  for (let round = 0; busy.length > 0 && round < BUSY_ROUNDS; round += 1) {
    await sleep(BUSY_MS)
    const page = await change({ ...filter, ids: busy.splice(0, PAGE) }, { after: 0, limit: PAGE })
    changed += page.changed
    busy.push(...page.passedOver)
  }
  return changed
}

async function startRuns(
  counts: readonly IssueCount[],
  requestedBy: string,
  deps: IssueDeps,
): Promise<readonly Run[]> {
  const ids = [...new Set(counts.map(({ mappingId }) => mappingId))]
  const mappings = await Promise.all(ids.map((id) => deps.stores.mappings.getMappingById(id)))
  const runs: Run[] = []
  for (const [pairId, ofPair] of groupBy(mappings, (mapping) => mapping.pairId)) {
    const { run } = await storeAndEnqueue(
      {
        pairId,
        kind: 'records',
        options: plainOptions,
        requestedBy,
        reason: 'Retry of issues',
        priority: runPriority('records'),
        idempotencyKey: null,
        payloadHash: null,
        scheduleId: null,
        slot: null,
        lines: ofPair.map((mapping, index) => requestLine(mapping, index + 1, [])),
      },
      deps,
    )
    runs.push(run)
  }
  return runs
}

function writeAudit(
  action: string,
  { filter, requestedBy, reason = null }: IssuesRequest,
  issues: number,
  { operations }: Deps['stores'],
): Promise<void> {
  return operations.appendAudit({
    actor: requestedBy,
    action,
    subject: 'issues',
    reason,
    detail: { filter, issues },
  })
}
