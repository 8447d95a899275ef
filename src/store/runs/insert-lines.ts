import { sql } from 'drizzle-orm'
import type { NewLine } from '../../core/ports/run-store.ts'
import type { Line } from '../../core/sync/run.ts'
import { assert, present } from '../../lib/assert.ts'
import { groupBy } from '../../lib/group.ts'
import { type Executor, rowsParameter } from '../database.ts'
import { requestPreview } from '../previews/requests.ts'
import { job } from '../schema/job.ts'
import { line } from '../schema/line.ts'
import { updateGraph } from './apply-graph.ts'
import { requestRecords } from './request-records.ts'
import { listLines } from './rows.ts'

interface Owner {
  readonly runId: number
  readonly pairId: number
}

/** A run that lines are added to; what a preview is asked for stands nowhere else. */
type NewOwner = Owner & { readonly isPreview: boolean }

interface InsertedLine {
  readonly id: number
  readonly plan: NewLine
}

/** Lines, jobs and inbox rows of a run; a constant number of statements. Returns all lines of the run. */
export async function insertLines(
  tx: Executor,
  { isPreview, ...owner }: NewOwner,
  plans: readonly NewLine[],
): Promise<readonly Line[]> {
  if (plans.length === 0) return listLines(tx, [owner.runId])
  const inserted = await insertRows(tx, owner, plans)
  await linkDependencies(tx, owner, inserted)
  const jobs = await insertJobs(tx, owner, inserted)
  const requests = inserted.flatMap(({ id, plan }) =>
    plan.requests.map((request) => ({
      ...request,
      pairId: owner.pairId,
      mappingId: plan.mappingId,
      jobIds: [present(jobs.get(`${id} ${request.direction}`), `job ${request.direction} of line ${id}`)],
    })),
  )
  if (isPreview) await requestPreview(tx, owner.runId, requests)
  else await requestRecords(tx, requests)
  return updateGraph(tx, owner.runId)
}

async function insertRows(tx: Executor, owner: Owner, plans: readonly NewLine[]): Promise<InsertedLine[]> {
  const rows = await tx
    .insert(line)
    .values(
      plans.map(({ mappingId, mappingVersion, position, selection, ignoredDependencies, dependsOn }) => ({
        ...owner,
        // As the graph would say at once of a line that waits for no other.
        state: dependsOn.length === 0 ? ('ready' as const) : ('pending' as const),
        mappingId,
        mappingVersion,
        position,
        selection,
        ignoredDependencies: [...ignoredDependencies],
      })),
    )
    .returning({ id: line.id })
  return plans.map((plan, index) => ({ id: present(rows[index], 'inserted line').id, plan }))
}

/** A name stands for the lines of that mapping that come with it, else for those the run has already. */
async function linkDependencies(
  tx: Executor,
  { runId }: Owner,
  inserted: readonly InsertedLine[],
): Promise<void> {
  const links = inserted.filter(({ plan }) => plan.dependsOn.length > 0)
  if (links.length === 0) return
  const isNew = new Set(inserted.map(({ id }) => id))
  const byName = groupBy(await listLines(tx, [runId]), ({ mappingName }) => mappingName)
  const idsOf = (name: string): number[] => {
    const ids = (byName.get(name) ?? []).map(({ id }) => id)
    assert(ids.length > 0, `run ${runId} has a line for ${name}`)
    return ids.some((id) => isNew.has(id)) ? ids.filter((id) => isNew.has(id)) : ids
  }
  const rows = links.map(({ id, plan }) => ({ id, depends_on: plan.dependsOn.flatMap(idsOf) }))
  await tx.execute(sql`
    update couplet.line l set depends_on = w.depends_on
    from jsonb_to_recordset(${rowsParameter(rows)}) as w(id bigint, depends_on bigint[]) where l.id = w.id`)
}

/** Ids of the jobs by line id and direction. */
async function insertJobs(
  tx: Executor,
  owner: Owner,
  inserted: readonly InsertedLine[],
): Promise<ReadonlyMap<string, number>> {
  const values = inserted.flatMap(({ id, plan: { mappingId, directions, jobType } }) =>
    directions.map((direction) => ({ ...owner, lineId: id, mappingId, type: jobType, direction })),
  )
  if (values.length === 0) return new Map()
  const rows = await tx
    .insert(job)
    .values(values)
    .returning({ id: job.id, lineId: job.lineId, direction: job.direction })
  return new Map(rows.map(({ id, lineId, direction }) => [`${lineId} ${direction}`, id]))
}
