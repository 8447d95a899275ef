import { normaliseDecimal } from '../../core/values/value.ts'

interface Reader {
  readonly text: string
  at: number
}

/**
 * The canonical form of JSON text that the server has checked: keys sorted, of repeated keys the last, no white space.
 * Numbers never pass through a float: `1e2` becomes `100`, every digit stays. Lists nested thousands deep or strings of
 * many megabytes are beyond the stack: such a value keeps the text the server gives it.
 */
export function canonicalJson(text: string): string {
  try {
    return readValue({ text, at: 0 })
  } catch (error) {
    if (error instanceof RangeError && /stack/i.test(error.message)) return text
    throw error
  }
}

function readValue(reader: Reader): string {
  switch (peek(reader)) {
    case '{':
      return readObject(reader)
    case '[':
      return readArray(reader)
    case '"':
      return readString(reader)
    default:
      return readAtom(reader)
  }
}

function readObject(reader: Reader): string {
  const members = new Map<string, string>()
  readList(reader, '}', () => {
    const name = readString(reader)
    expectCharacter(reader, ':')
    members.set(name, readValue(reader))
  })
  const sorted = [...members].sort(([a], [b]) => (JSON.parse(a) < JSON.parse(b) ? -1 : 1))
  return `{${sorted.map(([name, value]) => `${name}:${value}`).join(',')}}`
}

function readArray(reader: Reader): string {
  const items: string[] = []
  readList(reader, ']', () => items.push(readValue(reader)))
  return `[${items.join(',')}]`
}

function readList(reader: Reader, end: string, readItem: () => void): void {
  reader.at += 1
  while (peek(reader) !== end) {
    readItem()
    if (peek(reader) === ',') reader.at += 1
  }
  reader.at += 1
}

function readString(reader: Reader): string {
  peek(reader)
  return JSON.stringify(JSON.parse(match(reader, /"(?:[^"\\]|\\.)*"/y)))
}

function readAtom(reader: Reader): string {
  const atom = match(reader, /[-+.\w]+/y)
  return /^[a-z]/.test(atom) ? atom : canonicalNumber(atom)
}

/** A number with an exponent beyond four digits would fill memory when written out: it stays as it is. */
function canonicalNumber(number: string): string {
  try {
    return normaliseDecimal(number)
  } catch {
    return number.toLowerCase()
  }
}

/** The next character that is not white space. */
function peek(reader: Reader): string {
  while (/\s/.test(reader.text.charAt(reader.at))) reader.at += 1
  return reader.text.charAt(reader.at)
}

function expectCharacter(reader: Reader, character: string): void {
  if (peek(reader) !== character) throw new RangeError(`Not JSON at position ${reader.at}`)
  reader.at += 1
}

function match(reader: Reader, pattern: RegExp): string {
  pattern.lastIndex = reader.at
  const found = pattern.exec(reader.text)?.[0]
  if (found === undefined) throw new RangeError(`Not JSON at position ${reader.at}`)
  reader.at += found.length
  return found
}
