import { runPriority } from '../../core/jobs/priority.ts'
import type { StoredMapping } from '../../core/ports/mapping-store.ts'
import type { DeletionAnswers } from '../../core/sync/deletion.ts'
import { plainOptions, type Run } from '../../core/sync/run.ts'
import type { Deps } from '../deps.ts'
import { requestLine } from '../flow/plan-run.ts'
import { storeAndEnqueue } from '../flow/start-run.ts'

/** A run for what a person's answer has just made due, and nothing else. Should it be lost, the sweeper finds the same work. */
export async function runDueWork(
  mappings: readonly StoredMapping[],
  asked: {
    readonly pairId: number
    readonly by: string
    readonly reason: string
    readonly answers: DeletionAnswers
  },
  deps: Pick<Deps, 'stores' | 'queue' | 'log'>,
): Promise<Run> {
  const { run } = await storeAndEnqueue(
    {
      pairId: asked.pairId,
      kind: 'records',
      options: { ...plainOptions, onlyAsked: true, answers: asked.answers },
      requestedBy: asked.by,
      reason: asked.reason,
      priority: runPriority('records'),
      idempotencyKey: null,
      payloadHash: null,
      scheduleId: null,
      slot: null,
      lines: mappings.map((mapping, index) => requestLine(mapping, index + 1, [])),
    },
    deps,
  )
  return run
}
