import { nextGeneration } from '../../core/coupling/uncoupling.ts'
import type { LineSession } from '../line/session.ts'
import type { CouplingEnds, KeyPair } from './coupling-ends.ts'

/** Generation of a new coupling of some records: above all that either of the two has had. Two queries per page. */
export async function readGenerations(
  session: LineSession,
  pairs: readonly KeyPair[],
): Promise<(ends: CouplingEnds) => number> {
  const { sync } = session.commits
  const find = (side: 'local' | 'remote') =>
    sync.findUncoupled(
      session.mapping.id,
      side,
      pairs.map((pair) => pair[side]),
    )
  const memory = { local: await find('local'), remote: await find('remote') }
  return ({ local, remote }) => {
    const remembered = [...(memory.local.get(local.key) ?? []), ...(memory.remote.get(remote.key) ?? [])]
    const stale = [local.coupling, remote.coupling].filter((coupling) => coupling !== null)
    return nextGeneration([...remembered, ...stale])
  }
}
