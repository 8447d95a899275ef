import { generateSync, type JsonSchema } from 'json-schema-faker'
import { seededRandom } from '../crash-random.ts'
import type { Operation } from './operations.ts'
import { wildTexts, wildValues } from './wild.ts'

/** A sequence of numbers that follows from its seed alone. */
export interface Dice {
  /** From 0 to `sides` - 1. */
  roll(sides: number): number
  pick<T>(from: readonly T[]): T
}

export function createDice(seed: number): Dice {
  const next = seededRandom(seed)
  const roll = (sides: number) => Math.floor(next() * sides)
  return {
    roll,
    pick: <T>(from: readonly T[]) => {
      if (from.length === 0) throw new Error('Nothing to choose from')
      return from[roll(from.length)] as T
    },
  }
}

/**
 * Names that exist here, by the name of the field, so that some requests get further than the first check; `mappings/name`:
 * below an address that begins so.
 */
export type Plausible = Readonly<Record<string, readonly unknown[]>>

/** One request. */
export interface Input {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
}

/** How much of a request is as its schema wants it: all, all but one place, or little. */
export const manners = ['valid', 'nearly', 'wild'] as const
export type Manner = (typeof manners)[number]

export function makeInput(operation: Operation, manner: Manner, dice: Dice, plausible: Plausible): Input {
  const names = namesOf(operation, plausible)
  const value = (schema: JsonSchema, name: string) => {
    const choices = manner === 'wild' ? undefined : names(name)
    if (choices && dice.roll(10) < 7) return dice.pick(choices)
    return manner === 'wild' && dice.roll(3) > 0 ? dice.pick(wildTexts) : fromSchema(schema, dice)
  }
  const ofPlace = (place: string) => operation.parameters.filter((each) => each.in === place)
  const query = ofPlace('query')
    .filter(({ required }) => required || dice.roll(3) === 0)
    .map(({ name, schema }): [string, string] => [name, String(value(schema, name))])
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const schema = operation.parameters.find((each) => each.name === name)?.schema ?? {}
    return encode(String(value(schema, name)) || 'x')
  })
  const headers = ofPlace('header')
    .filter(({ name }) => name.toLowerCase() !== 'authorization' && dice.roll(2) === 0)
    .map(({ name, schema }): [string, string] => [name, headerText(String(value(schema, name)))])
  if (manner === 'wild' && dice.roll(3) === 0) query.push([dice.pick(wildTexts), dice.pick(wildTexts)])
  const body = operation.body === null ? null : makeBody(operation.body, manner, dice, names)
  const text = query.map(([name, each]) => `${encode(name)}=${encode(each)}`).join('&')
  return {
    path: text === '' ? path : `${path}?${text}`,
    headers: Object.fromEntries(headers),
    body: body === null ? null : JSON.stringify(body),
  }
}

type Names = (field: string) => readonly unknown[] | undefined

function namesOf({ path }: Operation, plausible: Plausible): Names {
  const [, , , first] = path.split('/')
  return (field) => plausible[`${first}/${field}`] ?? plausible[field]
}

function makeBody(schema: JsonSchema, manner: Manner, dice: Dice, names: Names): unknown {
  if (manner === 'wild' && dice.roll(4) === 0) return dice.pick(wildValues)
  const body = known(fromSchema(schema, dice), dice, names)
  if (manner === 'valid') return body
  const places = placesOf(body)
  const spoilt = manner === 'nearly' ? 1 : 1 + dice.roll(4)
  for (let n = 0; n < spoilt; n += 1) spoil(dice.pick(places), dice)
  return body
}

function fromSchema(schema: JsonSchema, dice: Dice): unknown {
  return generateSync(schema, {
    seed: dice.roll(2 ** 31),
    optionalsProbability: dice.pick([0, 0.3, 0.9]),
    maxDepth: 12,
    maxDefaultItems: 3,
  })
}

/** Names that exist here take the place of texts that were made up. */
function known(value: unknown, dice: Dice, names: Names): unknown {
  if (Array.isArray(value)) return value.map((each) => known(each, dice, names))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => {
      const choices = names(name)
      return [
        name,
        choices && dice.roll(10) < 7 ? structuredClone(dice.pick(choices)) : known(each, dice, names),
      ]
    }),
  )
}

interface Place {
  readonly within: object
  readonly name: string
}

function placesOf(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [{ within: {}, name: '' }]
  const own = Object.entries(value).flatMap(([name, each]) => [
    { within: value, name },
    ...(typeof each === 'object' && each !== null ? placesOf(each) : []),
  ])
  return [...own, { within: value, name: 'unknown' }]
}

function spoil({ within, name }: Place, dice: Dice): void {
  const change = dice.roll(4)
  if (change === 0) Reflect.deleteProperty(within, name)
  else Reflect.set(within, name, change === 1 ? dice.pick(wildValues) : dice.pick(wildTexts))
}

/** Halves of characters cannot be written as UTF-8; they go as bytes that are none. */
function encode(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : '%ED%A0%80'
}

/** What a header can hold at all: the client refuses anything else before it is sent. */
function headerText(text: string): string {
  return text.replace(/[^\t\x20-\x7e]/g, '?').slice(0, 4_000)
}
