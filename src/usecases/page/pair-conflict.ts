import type { CouplingWrite } from '../../core/coupling/coupling.ts'
import type { JobDirection } from '../../core/mapping/definition.ts'
import type { RecordKey } from '../../core/values/key.ts'
import type { RecordResult } from './page.ts'

/**
 * A pair has one conflict, whichever job met it: its issue stands under the local record. What the job of the other
 * direction had left to look at is answered by it.
 */
export function asPairConflict(
  result: RecordResult,
  direction: JobDirection,
  partnerKey: RecordKey,
  coupling: CouplingWrite | null,
): RecordResult {
  const { key } = result.item
  const [localKey, remoteKey] = direction === 'to' ? [key, partnerKey] : [partnerKey, key]
  return {
    ...result,
    coupling,
    outcome: result.outcome && { ...result.outcome, localKey, remoteKey },
    issues: result.issues.map((issue) => ({
      ...issue,
      direction: 'to',
      key: localKey,
      partnerKey: remoteKey,
    })),
    closes: direction === 'to' ? [] : [{ direction, key }],
  }
}
