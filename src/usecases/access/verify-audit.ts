import {
  type ChainBreak,
  type ChainEnd,
  followChain,
  whereChainBegins,
} from '../../core/access/audit-chain.ts'
import type { Deps } from '../deps.ts'

const pageSize = 1_000

type Access = Deps['stores']['access']

interface Expectation {
  readonly expected: string | null
  readonly isRetentionOn: boolean
}

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
 * anew cannot make it again. Entries that are added meanwhile do not matter. `isRetentionOn`: entries may have been removed; where
 * they may not, an entry that claims it hides nothing, unless the hash that it leaves is the one that was noted down.
 */
export async function verifyAudit(
  { expected, isRetentionOn }: Expectation,
  { stores: { access } }: Pick<Deps, 'stores'>,
): Promise<AuditVerdict> {
  for (;;) {
    const verdict = await readThrough({ expected, isRetentionOn }, access)
    // What retention removes while the log is read is missing and has not been tampered with.
    if (
      verdict.broken === null ||
      (await findRemoved({ expected, isRetentionOn }, access)).entries === verdict.removed.entries
    )
      return verdict
  }
}

async function readThrough(expectation: Expectation, access: Access): Promise<AuditVerdict> {
  const { expected } = expectation
  const end = await access.findChainEnd()
  const removed = await findRemoved(expectation, access)
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

async function findRemoved({ expected, isRetentionOn }: Expectation, access: Access): Promise<ChainEnd> {
  const [first] = await access.listChain(0, 1)
  const cut = await access.findChainCut()
  const isBelieved = isRetentionOn || (cut !== null && cut.hash === expected)
  return whereChainBegins(first?.number ?? null, isBelieved ? cut : null)
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
