import { z } from 'zod'
import type { CoupledSide, CouplingWrite } from '../core/coupling/coupling.ts'
import type { PlannedRecord } from '../core/ports/preview-store.ts'
import type { PreviewSample } from '../core/sync/preview.ts'
import { CanonicalValue, parseValues } from './json.ts'

/** A coupling without what only its writing needs. */
export type StoredCoupling = Omit<CouplingWrite, 'id' | 'direction' | 'jobId'>
const isStoredSide = (raw: unknown): raw is CoupledSide =>
  typeof raw === 'object' && raw !== null && 'key' in raw && typeof raw.key === 'string'

/** Read by the thousand like the bases: written and read by one version of the code within one run. */
export function parsePlannedCoupling(raw: unknown): StoredCoupling {
  const coupling = raw as StoredCoupling
  if (!isStoredSide(coupling?.local) || !isStoredSide(coupling?.remote))
    throw new TypeError('A planned coupling has no two sides')
  return coupling
}

export function parsePlannedRecord(raw: unknown): PlannedRecord {
  const record = raw as PlannedRecord
  parseValues(record?.values)
  return record
}

const Samples: z.ZodType<readonly PreviewSample[]> = z.array(
  z.strictObject({
    localKey: z.string().nullable(),
    remoteKey: z.string().nullable(),
    message: z.string().nullable(),
    changes: z.array(z.strictObject({ field: z.string(), before: CanonicalValue, after: CanonicalValue })),
  }),
)
export const parseSamples = (raw: unknown): readonly PreviewSample[] => Samples.parse(raw)
