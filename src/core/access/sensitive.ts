import { groupBy } from '../../lib/group.ts'
import type { SensitiveField } from '../ports/mapping-store.ts'
import { includesRole, type Role } from './role.ts'

/** Names of sensitive fields, of either side, by the name of their mapping. */
export type SensitiveFields = ReadonlyMap<string, ReadonlySet<string>>

/** Stands where a value is that somebody may not see. */
const hiddenValue = 'hidden:'
const hiddenMessage = 'Hidden, because it may hold the value of a sensitive field.'

const valueNames: ReadonlySet<string> = new Set(['before', 'after', 'base', 'value', 'seen'])

/** Whether somebody sees the values of sensitive fields: whoever may do more than look. */
export function seesSensitive(role: Role): boolean {
  return includesRole(role, 'operate')
}

/** Mappings of one name in several pairs count as one: rather too much is hidden than too little. */
export function sensitiveFields(fields: readonly SensitiveField[]): SensitiveFields {
  const byMapping = groupBy(fields, ({ mapping }) => mapping)
  return new Map([...byMapping].map(([mapping, all]) => [mapping, new Set(all.map(({ field }) => field))]))
}

/**
 * An answer with the values of sensitive fields taken out, wherever they stand: what has a `field` is about that field, what
 * has a `mapping` or `mappingName` is about that mapping, and so is all that lies in it. Where something is about a whole
 * record (`field` is null) its value is hidden, too, and every message about a record of such a mapping: a conflict names all its
 * fields, and another system may have put anything there. What a record of such a mapping waits for is hidden like a message.
 */
export function hideSensitive<T>(answer: T, sensitive: SensitiveFields): T {
  // Only texts are replaced, by texts.
  return sensitive.size === 0 ? answer : (hide(answer, { names: null, field: undefined }, sensitive) as T)
}

interface Place {
  /** Sensitive fields of the mapping it is about. */
  readonly names: ReadonlySet<string> | null
  /** Undefined: not about a record. */
  readonly field: string | null | undefined
}

function hide(part: unknown, around: Place, sensitive: SensitiveFields): unknown {
  if (Array.isArray(part)) return part.map((each) => hide(each, around, sensitive))
  if (typeof part !== 'object' || part === null) return part
  const place = placeOf(part, around, sensitive)
  const isOfMapping = place.names !== null
  const isOfRecord = place.names !== null && place.field !== undefined
  const isHidden = place.names !== null && isAboutSensitive(place.names, place.field)
  return Object.fromEntries(
    Object.entries(part).map(([name, inner]) => [
      name,
      typeof inner === 'string'
        ? hideText(name, inner, { isOfMapping, isOfRecord, isHidden })
        : hide(inner, place, sensitive),
    ]),
  )
}

function placeOf(part: object, around: Place, sensitive: SensitiveFields): Place {
  const mapping = textOf(part, 'mappingName') ?? textOf(part, 'mapping')
  const names = mapping === null ? around.names : (sensitive.get(mapping) ?? null)
  return { names, field: fieldOf(part, names, around.field) }
}

/** Its own field, or the fields of both sides it speaks of: one that is sensitive makes all of it sensitive. */
function fieldOf(part: object, names: Place['names'], around: Place['field']): Place['field'] {
  if (Object.hasOwn(part, 'field')) return textOf(part, 'field')
  const sides = [textOfSide(part, 'local'), textOfSide(part, 'remote')]
  const known = sides.filter((field) => field !== null)
  return known.find((field) => names?.has(field)) ?? known[0] ?? around
}

function textOfSide(part: object, side: 'local' | 'remote'): string | null {
  const inner: unknown = Object.hasOwn(part, side) ? Reflect.get(part, side) : null
  return typeof inner === 'object' && inner !== null ? textOf(inner, 'field') : null
}

function textOf(part: object, name: string): string | null {
  const value: unknown = Object.hasOwn(part, name) ? Reflect.get(part, name) : null
  return typeof value === 'string' ? value : null
}

function isAboutSensitive(names: ReadonlySet<string>, field: string | null | undefined): boolean {
  return field === null || (field !== undefined && names.has(field))
}

/** Of a `referenceName` the mapping and the side are left. */
function hideReference(name: string): string {
  const [mapping, side] = name.split('/', 2)
  return `${mapping}/${side}/${hiddenValue}`
}

interface About {
  readonly isOfMapping: boolean
  readonly isOfRecord: boolean
  readonly isHidden: boolean
}

function hideText(name: string, text: string, { isOfMapping, isOfRecord, isHidden }: About): string {
  if (name === 'message') return isOfRecord ? hiddenMessage : text
  // Any field may be the one that waits: an issue that waits does not have to name it.
  if (name === 'waitsFor') return isOfMapping ? hideReference(text) : text
  return isHidden && valueNames.has(name) ? hiddenValue : text
}
