import { type ChainBreak, type ChainEnd, chainStart, followChain } from '../../core/access/audit-chain.ts'
import type { Deps } from '../deps.ts'

const pageSize = 1_000

/** What a look through the whole audit log has found. */
export interface AuditVerdict {
  /** Entries that are as they were written, from the first on, and the hash of the last of them. */
  readonly good: ChainEnd
  /** The first place that is not as it was written. */
  readonly broken: ChainBreak | null
}

/**
 * Reads the audit log from its first entry to its end and makes every hash anew. With `expected`, a hash that was noted down
 * outside of the database, it must also still be there: whoever writes the whole chain anew cannot make it again. Entries
 * that are added meanwhile do not matter.
 */
export async function verifyAudit(
  { expected }: { readonly expected: string | null },
  { stores: { access } }: Pick<Deps, 'stores'>,
): Promise<AuditVerdict> {
  const end = await access.findChainEnd()
  let isThere = expected === null
  let good = chainStart
  for (;;) {
    const links = await access.listChain(good.entries, pageSize)
    const reached = followChain(links, good)
    if ('reason' in reached) return { good, broken: reached }
    good = reached
    isThere ||= links.some(({ hash }) => hash === expected)
    if (links.length < pageSize) break
  }
  return { good, broken: findMissing(good, end) ?? (isThere ? null : lost(good)) }
}

function findMissing(good: ChainEnd, end: ChainEnd): ChainBreak | null {
  if (good.entries >= end.entries) return null
  return { number: good.entries + 1, reason: `${end.entries - good.entries} entries are missing at the end` }
}

function lost({ entries }: ChainEnd): ChainBreak {
  return { number: entries, reason: 'no entry has the expected hash: the log was written anew' }
}
