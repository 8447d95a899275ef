import { hash } from 'node:crypto'
import type { Transfer } from '../mapping/compile-transfer.ts'
import type { JobDirection, Side } from '../mapping/definition.ts'
import { sourceSide } from '../mapping/definition.ts'
import { displayValue, type Value } from '../values/value.ts'

/** What a coupling remembers of the last write to a field that both sides may change. */
export interface Swing {
  /** Direction of the write. */
  readonly to: boolean
  /** What the write replaced, as a short fingerprint. */
  readonly was: string
  /** How often in a row a write has brought back what the one before it, in the other direction, had replaced. */
  readonly count: number
}

/** By local field; fields that have never been written are missing. */
export type Swings = Readonly<Record<string, Swing>>

/** The name under which both directions remember a field. */
export function swingField(transfer: Transfer, direction: JobDirection): string {
  return (direction === 'to' ? transfer.source?.name : transfer.destination.name) ?? ''
}

/**
 * What is to be remembered once `source` has been written over `destination`. The count grows only while each write brings
 * back exactly what the last one in the other direction replaced; any other value, or two writes in a row in one
 * direction, is ordinary work and begins anew.
 */
export function nextSwing(
  last: Swing | undefined,
  direction: JobDirection,
  source: Value,
  destination: Value,
): Swing {
  const isReturn = last !== undefined && last.to !== (direction === 'to') && last.was === mark(source)
  return { to: direction === 'to', was: mark(destination), count: isReturn ? last.count + 1 : 0 }
}

function mark(value: Value): string {
  return value === null ? '' : hash('sha1', value, 'base64').slice(0, 12)
}

/** Names the field, both values and who keeps writing them. */
export function pingPongMessage(
  tables: Readonly<Record<Side, string>>,
  transfer: Transfer,
  values: { readonly source: Value; readonly destination: Value },
  direction: JobDirection,
  count: number,
): string {
  const from = sourceSide[direction]
  const [source, destination] = [displayValue(values.source), displayValue(values.destination)]
  const to = from === 'local' ? 'remote' : 'local'
  return `${transfer.source?.name} ↔ ${transfer.destination.name} has gone back and forth ${count} times: ${from} ${tables[from]} keeps writing ${source}, ${to} ${tables[to]} keeps writing ${destination}`
}
