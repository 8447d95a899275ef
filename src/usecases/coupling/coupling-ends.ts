import type { Coupling } from '../../core/coupling/coupling.ts'
import type { CouplingEnd } from '../../core/coupling/plan-coupling.ts'
import type { CompiledMapping } from '../../core/mapping/compile.ts'
import type { Side } from '../../core/mapping/definition.ts'
import { filterFields } from '../../core/mapping/filter-bind.ts'
import type { ConnectedTable, RecordSnapshot } from '../../core/ports/connector.ts'
import type { SyncStore } from '../../core/ports/sync-store.ts'
import type { RecordKey } from '../../core/values/key.ts'
import { indexBy } from '../../lib/group.ts'

/** What is looked at before two records are coupled. */
export interface CouplingView {
  readonly mapping: CompiledMapping
  readonly tables: Readonly<Record<Side, ConnectedTable>>
  readonly groups: Readonly<Record<Side, string>>
  readonly sync: Pick<SyncStore, 'findCouplings' | 'findTaken'>
  readonly signal: AbortSignal
}

export type KeyPair = Readonly<Record<Side, RecordKey>>
export type CouplingEnds = Readonly<Record<Side, CouplingEnd>>

interface SideFacts {
  readonly couplings: ReadonlyMap<RecordKey, Coupling>
  readonly takenBy: ReadonlyMap<RecordKey, string>
}

/** All that `planCoupling` asks of some pairs, in their order; as many statements and requests for a thousand as for one. */
export async function readEnds(
  view: CouplingView,
  pairs: readonly KeyPair[],
): Promise<readonly CouplingEnds[]> {
  const facts = {
    local: await readSide(view, pairs, 'local'),
    remote: await readSide(view, pairs, 'remote'),
  }
  const records = {
    local: await readRecords(view, pairs, facts, 'local'),
    remote: await readRecords(view, pairs, facts, 'remote'),
  }
  const end = (key: RecordKey, side: Side): CouplingEnd => {
    const other = side === 'local' ? 'remote' : 'local'
    const coupling = facts[side].couplings.get(key) ?? null
    return {
      key,
      record: records[side].get(key) ?? null,
      coupling,
      hasPartner: coupling !== null && records[other].has(coupling[other].key),
      takenBy: facts[side].takenBy.get(key) ?? null,
    }
  }
  return pairs.map((pair) => ({ local: end(pair.local, 'local'), remote: end(pair.remote, 'remote') }))
}

async function readSide(view: CouplingView, pairs: readonly KeyPair[], side: Side): Promise<SideFacts> {
  const { mapping, sync, groups } = view
  const keys = pairs.map((pair) => pair[side])
  const couplings = await sync.findCouplings(mapping.id, side, keys)
  return {
    couplings: indexBy(couplings, (coupling) => coupling[side].key),
    takenBy: await sync.findTaken(groups[side], side, keys, mapping.id),
  }
}

/** The records themselves, and those that the others are coupled to now. */
function readRecords(
  { mapping, tables, signal }: CouplingView,
  pairs: readonly KeyPair[],
  facts: Readonly<Record<Side, SideFacts>>,
  side: Side,
): Promise<ReadonlyMap<RecordKey, RecordSnapshot>> {
  const other = side === 'local' ? 'remote' : 'local'
  const partners = [...facts[other].couplings.values()].map((coupling) => coupling[side].key)
  const keys = [...new Set([...pairs.map((pair) => pair[side]), ...partners])]
  return tables[side].readByKeys(keys, fieldsOfEnds(mapping, side), signal)
}

/** What coupling asks of a record: its reference, and whether it passes the filter and matches; most fields it does not. */
function fieldsOfEnds(mapping: CompiledMapping, side: Side): readonly string[] {
  const { referenceField, filter } = mapping[side]
  const matched = mapping.matchGroups.flatMap(({ fields }) => fields.map((field) => field[side]))
  const fields = [...(referenceField === null ? [] : [referenceField]), ...matched]
  return [...new Set([...fields, ...(filter === null ? [] : filterFields(filter))])]
}
