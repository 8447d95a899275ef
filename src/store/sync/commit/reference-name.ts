import type { Side } from '../../../core/mapping/definition.ts'
import { assert } from '../../../lib/assert.ts'

/** Takes apart what `referenceName` has put together; mapping names have no slash, references may. */
export function splitReferenceName(name: string): { mapping: string; side: Side; reference: string } {
  const [mapping = '', side] = name.split('/', 2)
  assert(side === 'local' || side === 'remote', `${name} is a reference name`)
  return { mapping, side, reference: name.slice(mapping.length + side.length + 2) }
}

export function mappingOfReference(name: string): string {
  return splitReferenceName(name).mapping
}
