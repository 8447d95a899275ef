import { eq } from 'drizzle-orm'
import { addCounters, zeroCounters } from '../../core/sync/outcome.ts'
import type { Job, Line, Run } from '../../core/sync/run.ts'
import { present } from '../../lib/assert.ts'
import type { Executor } from '../database.ts'
import { pair } from '../schema/pair.ts'
import { run as runTable } from '../schema/run.ts'
import { tell } from './tell.ts'

/** Writes down that a run has ended, for whoever wants to know and for its callback. `run` as it is now. */
export async function tellRunFinished(
  tx: Executor,
  run: Run,
  lines: readonly Pick<Line, 'mappingName'>[],
  jobs: readonly Pick<Job, 'counters'>[],
): Promise<void> {
  const [found] = await tx
    .select({ pair: pair.name, callbackUrl: runTable.callbackUrl })
    .from(runTable)
    .innerJoin(pair, eq(pair.id, runTable.pairId))
    .where(eq(runTable.id, run.id))
  const { pair: pairName, callbackUrl } = present(found, `run ${run.id}`)
  const { id, kind, state, requestedBy, idempotencyKey, createdAt, startedAt, finishedAt } = run
  const mappings = [...new Set(lines.map(({ mappingName }) => mappingName))]
  const data = {
    pair: pairName,
    run: {
      id,
      kind,
      state,
      preview: run.options.dryRun,
      requestedBy,
      idempotencyKey,
      mappings,
      errorCode: run.error?.code ?? null,
      createdAt,
      startedAt,
      finishedAt: present(finishedAt, `end of run ${id}`),
    },
    counters: jobs.reduce((sum, { counters }) => addCounters(sum, counters), zeroCounters),
  }
  await tell(
    tx,
    { type: 'run.finished', pair: pairName, mappings, data },
    callbackUrl === null ? null : { url: callbackUrl },
  )
}
