import type { CompiledMapping, CompiledSide } from '../mapping/compile.ts'
import type { JobDirection } from '../mapping/definition.ts'
import type { RecordSnapshot } from '../ports/connector.ts'
import { referenceOf } from '../sync/settle.ts'
import type { CoupledSide, CouplingWrite } from './coupling.ts'

/**
 * Two records that become coupled without being compared: there is no agreement yet, so no base, and no version that
 * would let a reader take the short way. `references` of the records must have been read. `isRestored`: they have been
 * coupled before, in a time that the store has lost.
 */
export function newCoupling(
  mapping: CompiledMapping,
  records: { readonly local: RecordSnapshot; readonly remote: RecordSnapshot },
  job: { readonly direction: JobDirection; readonly jobId: number },
  generation: number,
  isRestored = false,
): CouplingWrite {
  return {
    id: null,
    local: unsettledSide(mapping.local, records.local),
    remote: unsettledSide(mapping.remote, records.remote),
    bases: { local: {}, remote: {} },
    references: {},
    swings: {},
    mappingVersion: mapping.version,
    generation,
    isRestored,
    ...job,
  }
}

function unsettledSide(side: CompiledSide, record: RecordSnapshot): CoupledSide {
  return {
    key: record.key,
    reference: referenceOf(side, record),
    version: null,
    modifiedAt: record.modifiedAt,
    fingerprint: null,
  }
}
