import type { WriteOperation, WriteRequest } from '../../core/ports/connector.ts'
import { failureError, type ODataFailure } from '../odata/failure.ts'
import type { Prepared } from './batch-writes.ts'
import { sendChunks } from './send-chunks.ts'
import { contextOf } from './table-access.ts'
import type { WriteAccess } from './write-access.ts'

type Insert = Prepared<Extract<WriteOperation, { kind: 'insert' }>>

/**
 * Creates many records by `CreateMultiple`, which takes a fraction of the run time of single creations. It is all or nothing
 * and does not say which record is bad (connectors.md A.8), so what was refused is left to be created one by one; that is
 * safe whatever has become of it, since an id is created once. Gives what was created.
 */
export async function createMultiple(
  access: WriteAccess,
  inserts: readonly Insert[],
  request: Pick<WriteRequest, 'assertMaySend' | 'signal'>,
): Promise<ReadonlySet<Prepared>> {
  const { client, shape, settings } = access
  const created = new Set<Prepared>()
  const chunks = { ...settings, size: settings.bulkSize, fewest: fewestSideBySide }
  await sendChunks(inserts, chunks, async (chunk) => {
    const answer = await client.send({
      ...contextOf(access, request.signal),
      assertMaySend: request.assertMaySend,
      method: 'POST',
      path: `${shape.entitySet}/Microsoft.Dynamics.CRM.CreateMultiple`,
      headers: settings.headers,
      body: {
        Targets: chunk.map(({ body, id }) => ({
          '@odata.type': `Microsoft.Dynamics.CRM.${shape.schema.table}`,
          ...body,
          [shape.key.property]: id,
        })),
      },
    })
    if (answer.ok) for (const each of chunk) created.add(each)
    else if (isOutage(answer.failure)) {
      throw failureError(answer.failure, `create records in ${shape.schema.table}`, client.facts)
    }
    return { status: answer.ok ? null : answer.failure.status, left: [], durationMs: answer.durationMs }
  })
  return created
}

/** A request pays the more, the larger it is; below this, what each of them costs would count. */
const fewestSideBySide = 100

/** It is no use to go on at once. */
function isOutage({ status }: ODataFailure): boolean {
  return [401, 408, 429, 502, 503, 504].includes(status)
}
