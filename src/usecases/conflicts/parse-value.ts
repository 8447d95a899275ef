import { SyncError } from '../../core/errors.ts'
import type { FieldConflict, Issue } from '../../core/sync/issue.ts'
import type { Conversion } from '../../core/values/conversion.ts'
import { parseLiteral } from '../../core/values/convert.ts'
import type { Deps } from '../deps.ts'
import { openTable } from '../line/open-session.ts'

type Parser = (conflict: FieldConflict, text: string) => Conversion
/** Reads values as people type them, by the local table of the issue's mapping. */
export type ParseValue = (issue: Issue) => Promise<Parser>

/** Each mapping's local table is opened once, and only when something was typed. */
export function createValueParsers(deps: Pick<Deps, 'stores' | 'connect'>): ParseValue {
  const parsers = new Map<number, Promise<Parser>>()
  return ({ mappingId }) => {
    const parser = parsers.get(mappingId) ?? openParser(mappingId, deps)
    parsers.set(mappingId, parser)
    return parser
  }
}

async function openParser(mappingId: number, deps: Pick<Deps, 'stores' | 'connect'>): Promise<Parser> {
  const mapping = await deps.stores.mappings.getMappingById(mappingId)
  const pair = await deps.stores.mappings.getPair(mapping.pairId)
  const { schema } = await openTable(deps, mapping, pair, 'local', new AbortController().signal)
  return ({ local, remote }, text) => {
    const isReference = mapping.definition.fields.some(
      (field) => field.local === local.field && field.remote === remote.field && field.reference,
    )
    const type = schema.fields.get(local.field)?.type
    if (isReference || type === undefined)
      throw new SyncError(
        'RESOLUTION_INVALID',
        `Field ${local.field} refers to another record; take local or remote`,
      )
    return parseLiteral(text, type)
  }
}
