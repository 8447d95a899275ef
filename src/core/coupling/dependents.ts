import { transferName } from '../mapping/compile-transfer.ts'
import { appliesTo, type JobDirection, type Side } from '../mapping/definition.ts'
import type { StoredMapping } from '../ports/mapping-store.ts'
import { displayKey } from '../values/key.ts'

/**
 * A mapping whose records refer to those of another one. `fields`: names under which its couplings keep what a reference
 * was translated to, by the side whose reference that is.
 */
export interface ReferringMapping {
  readonly mappingId: number
  readonly name: string
  readonly fields: Readonly<Record<Side, readonly string[]>>
}

/** Records of one mapping whose references go through a coupling: how many, and what the first of them are called locally. */
export interface Dependents {
  readonly mapping: string
  readonly records: number
  readonly names: readonly string[]
}

/** Dependents that are named of each mapping: enough to find the others. */
export const NAMED_DEPENDENTS = 5

/** Which other mappings refer to the records of this one, by their enabled fields. */
export function findReferring(
  referenced: string,
  mappings: readonly Pick<StoredMapping, 'id' | 'definition'>[],
): readonly ReferringMapping[] {
  return mappings.flatMap(({ id, definition: { name, fields } }) => {
    if (name === referenced) return []
    const referring = fields.filter(({ reference }) => reference?.mapping === referenced)
    const namesIn = (direction: JobDirection) =>
      referring.filter((field) => appliesTo(field, direction)).map((field) => transferName(field, direction))
    // What is translated on the way to a side is what that side calls the record.
    const names = { local: namesIn('from'), remote: namesIn('to') }
    return names.local.length + names.remote.length === 0 ? [] : [{ mappingId: id, name, fields: names }]
  })
}

/** Dependents of several couplings, one entry per mapping; a record that refers to two of them counts for each. */
export function sumDependents(all: Iterable<readonly Dependents[]>): readonly Dependents[] {
  const sums = new Map<string, Dependents>()
  for (const dependents of all) {
    for (const { mapping, records, names } of dependents) {
      const before = sums.get(mapping) ?? { mapping, records: 0, names: [] }
      const named = [...new Set([...before.names, ...names])].slice(0, NAMED_DEPENDENTS)
      sums.set(mapping, { mapping, records: before.records + records, names: named })
    }
  }
  return [...sums.values()]
}

/** `2 records of CUSTOMER (10000, 20000), 1 record of CONTACT (CT1)` */
export function nameDependents(dependents: readonly Dependents[]): string {
  return dependents
    .map(({ mapping, records, names }) => {
      const more = records > names.length ? ', …' : ''
      return `${records} ${records === 1 ? 'record' : 'records'} of ${mapping} (${names.map(displayKey).join(', ')}${more})`
    })
    .join(', ')
}
