import type { Transfer } from '../mapping/compile-transfer.ts'
import { shortened } from '../values/conversion.ts'
import { isBlank, type Values } from '../values/value.ts'
import type { FieldWarning } from './warning.ts'

/**
 * What the destination made of a write: values it stores in another form, and mapped fields it changed without having
 * been sent them. Both are taken as they are, so neither is written again (architecture.md §4.4). A field that both
 * sides may change says nothing here: its change is carried back, and seen there.
 */
export function warningsOfWrite(
  transfers: readonly Transfer[],
  sent: Values,
  before: Values | null,
  after: Values,
): readonly FieldWarning[] {
  const warnings: FieldWarning[] = []
  for (const { destination, twoWay } of transfers) {
    const field = destination.name
    const [wanted, found] = [sent[field], after[field]]
    if (found === undefined) continue
    if (wanted !== undefined) {
      if (wanted === found || (isBlank(wanted) && isBlank(found))) continue
      const message = `${field} keeps ${shortened(wanted)} as ${shortened(found)}`
      warnings.push({ code: 'VALUE_NORMALISED', field, value: shortened(wanted), message })
    } else if (before !== null && !twoWay && before[field] !== found) {
      const was = before[field] ?? null
      const message = `${field} was changed by the destination itself, from ${shortened(was)} to ${shortened(found)}`
      warnings.push({ code: 'FIELD_CHANGED_BESIDE', field, value: shortened(was), message })
    }
  }
  return warnings
}
