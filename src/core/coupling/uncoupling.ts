import type { Side } from '../mapping/definition.ts'
import type { RecordKey } from '../values/key.ts'
import type { Coupling } from './coupling.ts'

/** A coupling that a page commit removes; both records stay as they are. */
export interface Uncoupling {
  readonly couplingId: number
  readonly localKey: RecordKey
  readonly remoteKey: RecordKey
  readonly generation: number
  readonly reason: string
  readonly uncoupledBy: string
  readonly jobId: number
  /** False when neither record exists any more: there is nothing left that could be coupled again. */
  readonly isRemembered: boolean
}

/** The memory of an uncoupled pair: what was undone on purpose is not done again by accident (domain.md §12.4). */
export interface UncoupledPair {
  readonly localKey: RecordKey
  readonly remoteKey: RecordKey
  readonly generation: number
  readonly uncoupledBy: string
  readonly uncoupledAt: string
  /** Sides whose record a person has allowed to get a new partner since. */
  readonly released: Readonly<Record<Side, boolean>>
}

/** Removes a coupling, and remembers it while one of its records is still there. */
export function uncoupling(
  { id, local, remote, generation }: Coupling,
  why: Pick<Uncoupling, 'reason' | 'uncoupledBy' | 'jobId' | 'isRemembered'>,
): Uncoupling {
  return { ...why, couplingId: id, localKey: local.key, remoteKey: remote.key, generation }
}

/** Generation of the next coupling of a record: above all it has had, so that a new counterpart is a new record. */
export function nextGeneration(memory: readonly Pick<UncoupledPair, 'generation'>[]): number {
  return memory.reduce((next, { generation }) => Math.max(next, generation + 1), 0)
}
