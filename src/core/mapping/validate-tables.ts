import { type MappingProblem, mappingProblem } from './mapping-problem.ts'
import type { DescribedMapping } from './validate-references.ts'

/**
 * One table under two names (`product` and `crm.product`) in two mappings: leases and the uniqueness of couplings go by
 * the name, so that both could write at once and couple the same record.
 */
export function validateTableNames(
  { definition, schemas }: DescribedMapping,
  others: readonly DescribedMapping[],
): readonly MappingProblem[] {
  return (['local', 'remote'] as const).flatMap((side) => {
    const name = definition[side].table
    const twin = others.find(
      (other) => other.schemas[side].table === schemas[side].table && other.definition[side].table !== name,
    )
    if (twin === undefined) return []
    const usual = twin.definition[side].table
    const message = `Mapping ${twin.definition.name} calls the ${side} table ${schemas[side].table} ${usual}; one table needs one name`
    return [
      mappingProblem('MAPPING_INVALID', `${side}.table`, name, message, {
        remedy: `Write ${usual} here, too, or the same name in both.`,
      }),
    ]
  })
}
