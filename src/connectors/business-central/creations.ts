import type { RecordSnapshot } from '../../core/ports/connector.ts'
import { normaliseCode } from '../../core/values/code.ts'
import { encodeKey } from '../../core/values/key.ts'
import { rawOf, type Value, type Values } from '../../core/values/value.ts'
import type { ODataRow } from '../odata/page.ts'
import { canAskFor, readByKeys, readRowsByValue } from './by-value.ts'
import { select, type WalkPosition, walk } from './pages.ts'
import { guardFields, type PreparedWrite } from './prepare-write.ts'
import { selection, snapshotOf, valuesOf } from './rows.ts'
import type { TableShape } from './shape.ts'

/**
 * The records that are there already under the keys of these creations (architecture.md §4.3): one request for up to some
 * thousands of them.
 */
export async function findExisting(
  shape: TableShape,
  writes: readonly PreparedWrite[],
  returning: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<PreparedWrite, RecordSnapshot>> {
  const guard = guardFields(shape)
  const texts = new Map(
    writes.flatMap((write) => {
      const parts = guardValues(shape, guard, sentValues(write))
      return parts === null ? [] : [[write, encodeKey(parts)] as const]
    }),
  )
  if (texts.size === 0) return new Map()
  const wanted = new Set(texts.values())
  const found =
    shape.schema.creation === 'given'
      ? await readByKeys(shape, [...wanted], returning, signal)
      : await findByBusinessKey(shape, guard, wanted, [...texts.keys()], returning, signal)
  return new Map(
    [...texts].flatMap(([write, text]) => {
      const record = found.get(text)
      return record ? [[write, record] as const] : []
    }),
  )
}

/**
 * Creations under one key one after the other, whatever is sent again in between, so that the first one makes the record;
 * everything else at once.
 */
export function inRounds(
  shape: TableShape,
  writes: readonly PreparedWrite[],
): readonly (readonly PreparedWrite[])[] {
  const guard = guardFields(shape)
  const seen = new Map<string, number>()
  const rounds: PreparedWrite[][] = []
  for (const write of writes) {
    const isInsert = write.operation.kind === 'insert'
    const parts = isInsert ? guardValues(shape, guard, sentValues(write)) : null
    const key = parts === null ? null : encodeKey(parts)
    const round = key === null ? 0 : (seen.get(key) ?? 0)
    if (key !== null) seen.set(key, round + 1)
    rounds[round] ??= []
    rounds[round].push(write)
  }
  return rounds
}

export function sentValues({ operation }: PreparedWrite): Values {
  return operation.kind === 'delete' ? {} : operation.values
}

async function findByBusinessKey(
  shape: TableShape,
  guard: readonly string[],
  wanted: ReadonlySet<string>,
  writes: readonly PreparedWrite[],
  returning: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, RecordSnapshot>> {
  const fields = [...returning, ...guard]
  const found = new Map<string, RecordSnapshot>()
  const look = (rows: readonly ODataRow[]) => {
    for (const row of rows) {
      const parts = guardValues(shape, guard, valuesOf(shape, row, guard))
      const text = parts === null ? '' : encodeKey(parts)
      if (wanted.has(text)) found.set(text, snapshotOf(shape, row, returning))
    }
  }
  const valuesAt = (field: string) =>
    writes.flatMap((write) => asStored(shape, field, sentValues(write)[field] ?? null) ?? [])
  const field = [...guard].reverse().find((name) => canAskFor(shape, name, valuesAt(name)))
  if (field === undefined) await lookEverywhere(shape, fields, look, signal)
  else {
    const request = { field, values: valuesAt(field), select: selection(shape, fields, null), signal }
    look(await readRowsByValue(shape, request))
  }
  return found
}

/** Only for keys that hold what means something in a filter of the service (connectors.md B.3). */
async function lookEverywhere(
  shape: TableShape,
  fields: readonly string[],
  look: (rows: readonly ODataRow[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const asked = select(shape, { fields, filter: null })
  let position: WalkPosition | null = null
  do {
    const page: Awaited<ReturnType<typeof walk>> = await walk(shape, asked, position, {
      limit: 5_000,
      signal,
    })
    look(page.rows)
    position = page.next
  } while (position !== null)
}

/** What the system takes for the same is the same: it keeps codes in capitals. Null where a part is missing. */
function guardValues(
  shape: TableShape,
  guard: readonly string[],
  values: Values,
): readonly NonNullable<Value>[] | null {
  const parts = guard.flatMap((name) => asStored(shape, name, values[name] ?? null) ?? [])
  return parts.length === guard.length && guard.length > 0 ? parts : null
}

function asStored(shape: TableShape, name: string, value: Value): Value {
  const isCode = shape.fields.get(name)?.schema.type.kind === 'code'
  return value !== null && isCode ? `text:${normaliseCode(rawOf(value))}` : value
}
