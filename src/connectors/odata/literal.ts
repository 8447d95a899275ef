import { rawOf, type Value } from '../../core/values/value.ts'

/** Types of properties as `$metadata` names them; everything else is given as `Edm.String` or not at all. */
export type EdmType =
  | 'Edm.String'
  | 'Edm.Guid'
  | 'Edm.Boolean'
  | 'Edm.Byte'
  | 'Edm.Int16'
  | 'Edm.Int32'
  | 'Edm.Int64'
  | 'Edm.Decimal'
  | 'Edm.Double'
  | 'Edm.Date'
  | 'Edm.TimeOfDay'
  | 'Edm.DateTimeOffset'
  | 'Edm.Binary'

/** A text literal of OData: in quotes, quotes doubled. Not yet percent-encoded. Throws RangeError on half characters. */
export function textLiteral(text: string): string {
  if (/\p{Surrogate}/u.test(text)) throw new RangeError('Not a literal of Edm.String')
  return `'${text.replaceAll("'", "''")}'`
}

/**
 * A value as literal of a filter or key, not yet percent-encoded. The value must fit the type: `instant` for
 * Edm.DateTimeOffset (a `moment` counts as UTC), `int` for whole numbers, and so on; throws RangeError otherwise.
 */
export function odataLiteral(value: NonNullable<Value>, type: EdmType): string {
  const raw = rawOf(value)
  switch (type) {
    case 'Edm.String':
      return textLiteral(raw)
    case 'Edm.Guid':
      return checked(raw, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, type)
    case 'Edm.Boolean':
      return checked(raw, /^(true|false)$/, type)
    case 'Edm.Byte':
    case 'Edm.Int16':
    case 'Edm.Int32':
    case 'Edm.Int64':
      return checked(raw, /^-?\d+$/, type)
    case 'Edm.Decimal':
    case 'Edm.Double':
      return checked(raw, /^-?\d+(\.\d+)?$/, type)
    case 'Edm.Date':
      return checked(raw, /^\d{4}-\d{2}-\d{2}$/, type)
    case 'Edm.TimeOfDay':
      return withoutZeros(checked(raw, /^\d{2}:\d{2}:\d{2}(\.\d+)?$/, type))
    case 'Edm.DateTimeOffset':
      return `${withoutZeros(checked(raw.replace(/Z$/, ''), /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?$/, type))}Z`
    case 'Edm.Binary':
      return `binary'${checked(raw, /^[A-Za-z0-9+/=]*$/, type)
        .replaceAll('+', '-')
        .replaceAll('/', '_')}'`
  }
}

/** Whatever it is, nothing but a literal may come out: a value that is none would change the meaning of the request. */
function checked(raw: string, pattern: RegExp, type: EdmType): string {
  if (pattern.test(raw)) return raw
  throw new RangeError(`Not a literal of ${type}`)
}

function withoutZeros(time: string): string {
  return time.includes('.') ? time.replace(/\.?0+$/, '') : time
}

/** XML escapes in names of enum members (connectors.md B.11): `Not_x0020_Started` is `Not Started`. */
export function decodeEnumName(name: string): string {
  return name.replace(/_x([0-9A-Fa-f]{4})_/g, (_escape, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  )
}

/** The name as the service writes it: what is no letter, digit or underscore becomes `_xHHHH_`. */
export function encodeEnumName(caption: string): string {
  const escaped = (unit: string) => `_x${unit.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`
  return caption
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, escaped)
    .replace(/[^\p{L}\p{Nd}_]/gu, (character) =>
      [...Array(character.length).keys()].map((at) => escaped(character.charAt(at))).join(''),
    )
    .replace(/^\p{Nd}/u, escaped)
}
