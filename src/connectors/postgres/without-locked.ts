import { Parameters } from './parameters.ts'
import { keyArrays, type WriteContext } from './write-context.ts'

/**
 * The records whose rows can be locked now, and are from here on. The others are put off: waiting again for each of them
 * would hold up the page.
 */
export async function withoutLocked<
  T extends { readonly index: number; readonly keyTexts: readonly string[] },
>(context: WriteContext, part: readonly T[], strength: 'NO KEY UPDATE' | 'UPDATE'): Promise<readonly T[]> {
  const { shape } = context
  const parameters = new Parameters()
  const positions = parameters.add(
    part.map((_, index) => String(index)),
    'int4[]',
  )
  const names = shape.key.map((_, index) => `k${index}`)
  const sameKey = shape.key.map((column, index) => `${column.sql} = v.k${index}`)
  const sql = `SELECT v.i FROM unnest(${[positions, ...keyArrays(shape, part, parameters)].join(', ')}) AS v(${['i', ...names].join(', ')})
    JOIN ${shape.sql} AS t ON ${sameKey.join(' AND ')} FOR ${strength} OF t SKIP LOCKED`
  const rows = await context.transaction.send(sql, parameters.values)
  const free = new Set(rows.map((row) => Number(row[0])))
  part.forEach((record, index) => {
    if (!free.has(index)) context.results[record.index] = { status: 'locked' }
  })
  return part.filter((_, index) => free.has(index))
}
