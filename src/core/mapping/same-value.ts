import { normaliseCode } from '../values/code.ts'
import { cutToFit } from '../values/cut.ts'
import { rawOf, type Value } from '../values/value.ts'
import type { Transfer } from './compile-transfer.ts'

/**
 * Whether the destination says the same already (domain.md §8.2): the value itself, a code in another spelling, or, where
 * the source has room only for the beginning of a text, the text it is the beginning of. The longer side keeps its tail.
 */
export function saysTheSame(transfer: Transfer, value: Value, destination: Value): boolean {
  if (value === destination) return true
  if (value === null || destination === null) return false
  if (transfer.destination.type.kind === 'code')
    return normaliseCode(rawOf(value)) === normaliseCode(rawOf(destination))
  return (
    transfer.cutAtSource && transfer.source !== null && value === cutToFit(destination, transfer.source.type)
  )
}
