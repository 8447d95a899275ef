import type { CouplingWrite } from '../../../src/core/coupling/coupling.ts'
import { SyncError } from '../../../src/core/errors.ts'
import type { PageCommit } from '../../../src/core/ports/sync-store.ts'
import { displayKey } from '../../../src/core/values/key.ts'
import { assert } from '../../../src/lib/assert.ts'
import type { CouplingRow, Tables } from './tables.ts'

/** Another coupling of one of the two records in its exclusivity group. */
export function findCoupled(tables: Tables, row: CouplingRow): CouplingRow | undefined {
  return tables.couplings.find(
    (other) =>
      other.id !== row.id &&
      ((other.local.key === row.local.key && other.localGroup === row.localGroup) ||
        (other.remote.key === row.remote.key && other.remoteGroup === row.remoteGroup)),
  )
}

/** Unique when all of them are written: records of one page may hand keys on to each other. */
export function writeCouplings(tables: Tables, commit: PageCommit): void {
  const { mappingId, pairId, couplings } = commit
  const mapping = tables.mappings.byId(mappingId)
  const written: CouplingRow[] = []
  for (const write of couplings.filter(({ id }) => id === null)) {
    assert(
      mapping?.pairId === pairId,
      `mapping ${mappingId} of pair ${pairId} takes all couplings of the page`,
    )
    const { localGroup, remoteGroup } = mapping
    const createdAt = tables.now()
    written.push(tables.couplings.insert({ ...toRow(write), mappingId, localGroup, remoteGroup, createdAt }))
  }
  for (const write of couplings) {
    if (write.id === null) continue
    const isOwn = tables.couplings.byId(write.id)?.mappingId === mappingId
    assert(isOwn, `each coupling of the page exists in mapping ${mappingId}, once`)
    written.push(tables.couplings.update(write.id, toRow(write)))
  }
  for (const row of written.toReversed()) refuseCoupled(tables, row)
}

function toRow(write: CouplingWrite) {
  const { id: _id, direction: _direction, jobId: _job, ...row } = write
  return row
}

function refuseCoupled(tables: Tables, row: CouplingRow): void {
  const other = findCoupled(tables, row)
  if (!other) return
  const name = ({ local, remote }: CouplingRow) => `${displayKey(local.key)} ↔ ${displayKey(remote.key)}`
  const otherMapping = tables.mappingName(other.mappingId)
  throw new SyncError(
    'ALREADY_COUPLED',
    `Cannot couple ${name(row)}: mapping ${otherMapping} has ${name(other)}`,
    {
      data: {
        localKey: row.local.key,
        remoteKey: row.remote.key,
        otherLocalKey: other.local.key,
        otherRemoteKey: other.remote.key,
        otherMapping,
      },
    },
  )
}

/** Removes couplings and remembers them; a pair that is uncoupled once more is remembered anew. */
export function removeCouplings(tables: Tables, { mappingId, uncouplings }: PageCommit): void {
  for (const { couplingId, isRemembered, localKey, remoteKey, ...why } of uncouplings) {
    const removed = tables.couplings.removeWhere(
      (row) => row.id === couplingId && row.mappingId === mappingId,
    )
    assert(removed.length === 1, `each coupling to be removed exists in mapping ${mappingId}, once`)
    tables.suspects.removeWhere((row) => row.couplingId === couplingId)
    if (!isRemembered) continue
    tables.uncoupled.removeWhere(
      (row) => row.mappingId === mappingId && row.localKey === localKey && row.remoteKey === remoteKey,
    )
    tables.uncoupled.insert({
      mappingId,
      localKey,
      remoteKey,
      generation: why.generation,
      uncoupledBy: why.uncoupledBy,
      uncoupledAt: tables.now(),
      released: { local: false, remote: false },
    })
  }
}
