import { rawOf, tagOf, text, type Value } from '../values/value.ts'

/** How spellings of one thing are made equal before match fields are compared, on both sides alike. */
export const normalisers = ['trim', 'e-mail', 'phone', 'accents'] as const
export type Normaliser = (typeof normalisers)[number]

/** What `trim` and `e-mail` take off both ends: blanks, tabs, line breaks and the no-break space. */
export const outerBlanks = ' \t\n\v\f\r\u00a0'

/**
 * trim – without outer blanks; e-mail – trimmed and in small ASCII letters; phone – digits only, without the `00` or `+`
 * of an international number; accents – without combining marks (é → e; ø and ß are letters of their own).
 * Plain enough for every system to say it in its own language: a connector's answer must be the same (contract suite).
 */
const steps: Readonly<Record<Normaliser, (raw: string) => string>> = {
  trim: trimBlanks,
  'e-mail': (raw) => trimBlanks(raw).replace(/[A-Z]/g, (letter) => letter.toLowerCase()),
  phone: (raw) => raw.replace(/[^0-9]/g, '').replace(/^00/, ''),
  accents: (raw) => raw.normalize('NFD').replace(/[\u0300-\u036f]/g, ''),
}

function trimBlanks(raw: string): string {
  let start = 0
  let end = raw.length
  while (start < end && outerBlanks.includes(raw.charAt(start))) start += 1
  while (end > start && outerBlanks.includes(raw.charAt(end - 1))) end -= 1
  return raw.slice(start, end)
}

/** Applies the normalisers one after the other; a value that is no text stays as it is. The result may be blank. */
export function normaliseMatch(value: NonNullable<Value>, wanted: readonly Normaliser[]): NonNullable<Value> {
  if (wanted.length === 0 || tagOf(value) !== 'text') return value
  return text(wanted.reduce((raw, name) => steps[name](raw), rawOf(value))) ?? value
}
