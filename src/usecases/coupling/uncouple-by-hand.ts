import { sourceSide } from '../../core/mapping/definition.ts'
import type { InboxRow, InboxTask } from '../../core/ports/sync-store.ts'
import { indexBy } from '../../lib/group.ts'
import type { LineSession } from '../line/session.ts'
import type { RecordResult } from '../page/page.ts'
import { quietResult } from '../page/results.ts'
import { commitNamed } from './commit-named.ts'
import { namedItem, uncoupledResult } from './results.ts'
import { findDependents, findGone, type JobPlace, removal } from './uncouple-page.ts'

export type UncoupleRow = InboxRow & { readonly task: Extract<InboxTask, { kind: 'uncouple' }> }

/** Uncouples the records that people have named; one that is not coupled any more needs nothing. */
export async function uncoupleByHand(
  session: LineSession,
  job: JobPlace,
  pageNumber: number,
  rows: readonly UncoupleRow[],
): Promise<void> {
  const side = sourceSide[job.direction]
  const keys = rows.map((row) => row.key)
  const found = await session.commits.sync.findCouplings(session.mapping.id, side, keys)
  const couplings = indexBy(found, (coupling) => coupling[side].key)
  const isGone = await findGone(session, found)
  const dependentsOf = await findDependents(session, found)
  const results: RecordResult[] = []
  const uncouplings = []
  for (const row of rows) {
    const coupling = couplings.get(row.key) ?? null
    const item = namedItem(row.key, row.jobIds.length > 0 ? row.jobIds : [job.id])
    results.push(
      coupling === null
        ? quietResult(item, 'unchanged', job.direction)
        : uncoupledResult(item, job.direction, coupling, dependentsOf(coupling)),
    )
    if (coupling) uncouplings.push(removal(coupling, row.task, job, isGone))
  }
  await commitNamed(session, job, pageNumber, results, { doneInbox: rows, uncouplings })
}
