import { createHash } from 'node:crypto'

/** A place in the chain: number and hash of an entry; 0 and nothing before the first. */
export interface ChainEnd {
  readonly entries: number
  readonly hash: string
}

/** One entry as the chain sees it. */
export interface ChainLink {
  readonly number: number
  /** All that its hash is made over, as the database writes it. */
  readonly content: string
  readonly previousHash: string
  readonly hash: string
}

/** Where the chain does not hold, and why. */
export interface ChainBreak {
  readonly number: number
  readonly reason: string
}

const chainStart: ChainEnd = Object.freeze({ entries: 0, hash: '' })

/** Action of the entry that retention leaves: its detail says how the last removed entry was numbered and what hash it had. */
export const auditCut = 'audit.retention'

/**
 * Where the chain is followed from: the place that retention has left, where the first entry that is there comes right behind
 * it, and else the beginning. So an entry that only claims that something was removed hides nothing.
 */
export function whereChainBegins(firstNumber: number | null, cut: ChainEnd | null): ChainEnd {
  return cut !== null && firstNumber === cut.entries + 1 ? cut : chainStart
}

/** Follows links from a place that is known to be good; gives the new end, or the first place that is not as it was written. */
export function followChain(links: readonly ChainLink[], from: ChainEnd): ChainEnd | ChainBreak {
  let end = from
  for (const link of links) {
    const reason = findFault(link, end)
    if (reason !== null) return { number: Math.min(link.number, end.entries + 1), reason }
    end = { entries: link.number, hash: link.hash }
  }
  return end
}

function findFault({ number, content, previousHash, hash }: ChainLink, before: ChainEnd): string | null {
  if (number > before.entries + 1) return `${number - before.entries - 1} entries are missing here`
  if (number <= before.entries) return 'its number is used twice'
  if (previousHash !== before.hash) return 'it does not follow from the entry before it'
  if (hash !== hashOf(content)) return 'its content is not what was written'
  return null
}

function hashOf(content: string): string {
  return createHash('sha256').update(content, 'utf8').digest('hex')
}
