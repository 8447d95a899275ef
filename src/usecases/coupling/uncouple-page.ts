import type { Coupling } from '../../core/coupling/coupling.ts'
import { type Dependents, findReferring } from '../../core/coupling/dependents.ts'
import { type Uncoupling, uncoupling } from '../../core/coupling/uncoupling.ts'
import type { Side } from '../../core/mapping/definition.ts'
import type { Job } from '../../core/sync/run.ts'
import type { LineSession } from '../line/session.ts'

/** The job whose counters get what happens, and its direction. */
export type JobPlace = Pick<Job, 'id' | 'direction'>

/** A pair that is gone on both sides leaves no memory: its keys may come again, as other records (domain.md §12.4). */
export async function findGone(
  session: LineSession,
  couplings: readonly Coupling[],
): Promise<(coupling: Coupling) => boolean> {
  const read = (side: Side) =>
    session.tables[side].readByKeys(
      couplings.map((coupling) => coupling[side].key),
      session.mapping[side].schema.keyFields,
      session.signal,
    )
  if (couplings.length === 0) return () => false
  const [local, remote] = [await read('local'), await read('remote')]
  return (coupling) => !local.has(coupling.local.key) && !remote.has(coupling.remote.key)
}

/** Who refers to the records of these couplings, in other mappings of the pair; two queries per page. */
export async function findDependents(
  session: LineSession,
  couplings: readonly Coupling[],
): Promise<(coupling: Coupling) => readonly Dependents[]> {
  const { mapping, deps, commits } = session
  const all = await deps.stores.mappings.listMappings(mapping.pairId)
  const found = await commits.sync.findDependents(couplings, findReferring(mapping.definition.name, all))
  return ({ id }) => found.get(id) ?? []
}

/** What the commit of the page removes. */
export function removal(
  coupling: Coupling,
  why: Pick<Uncoupling, 'reason' | 'uncoupledBy'>,
  { id }: JobPlace,
  isGone: (coupling: Coupling) => boolean,
): Uncoupling {
  const { reason, uncoupledBy } = why
  return uncoupling(coupling, { reason, uncoupledBy, jobId: id, isRemembered: !isGone(coupling) })
}
