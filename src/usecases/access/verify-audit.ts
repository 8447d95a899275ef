import {
  type ChainBreak,
  type ChainEnd,
  followChain,
  whereChainBegins,
} from '../../core/access/audit-chain.ts'
import type { Deps } from '../deps.ts'

const pageSize = 1_000

type Access = Deps['stores']['access']

/** What a look through the whole audit log has found. */
export interface AuditVerdict {
  /** The last entry that retention has removed; 0 where it has removed none. */
  readonly removed: ChainEnd
  /** Entries that are as they were written, from there on, and the hash of the last of them. */
  readonly good: ChainEnd
  /** The first place that is not as it was written. */
  readonly broken: ChainBreak | null
}

/**
 * Reads the audit log from its first entry to its end and makes every hash anew. With `expected`, a hash that was noted down
 * outside of the database, it must also still be there, or be the one that retention has left: whoever writes the whole chain
 * anew cannot make it again. Entries that are added meanwhile do not matter.
 */
export async function verifyAudit(
  { expected }: { readonly expected: string | null },
  { stores: { access } }: Pick<Deps, 'stores'>,
): Promise<AuditVerdict> {
  for (;;) {
    const verdict = await readThrough(expected, access)
    // What retention removes while the log is read is missing and has not been tampered with.
    if (verdict.broken === null || (await findRemoved(access)).entries === verdict.removed.entries)
      return verdict
  }
}

async function readThrough(expected: string | null, access: Access): Promise<AuditVerdict> {
  const end = await access.findChainEnd()
  const removed = await findRemoved(access)
  let isThere = expected === null || expected === removed.hash
  let good = removed
  for (;;) {
    const links = await access.listChain(good.entries, pageSize)
    const reached = followChain(links, good)
    if ('reason' in reached) return { removed, good, broken: reached }
    good = reached
    isThere ||= links.some(({ hash }) => hash === expected)
    if (links.length < pageSize) break
  }
  return { removed, good, broken: findMissing(good, end) ?? (isThere ? null : lost(good, removed)) }
}

async function findRemoved(access: Access): Promise<ChainEnd> {
  const [first] = await access.listChain(0, 1)
  return whereChainBegins(first?.number ?? null, await access.findChainCut())
}

function findMissing(good: ChainEnd, end: ChainEnd): ChainBreak | null {
  if (good.entries >= end.entries) return null
  return { number: good.entries + 1, reason: `${end.entries - good.entries} entries are missing at the end` }
}

function lost({ entries }: ChainEnd, removed: ChainEnd): ChainBreak {
  const reason = 'no entry has the expected hash: the log was written anew'
  const cut =
    removed.entries === 0 ? '' : `, or the entry was among the ${removed.entries} that retention removed`
  return { number: entries, reason: `${reason}${cut}` }
}
