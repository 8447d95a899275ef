/** One that wants a part of something scarce. */
export interface Claim {
  readonly weight: number
  readonly want: number
}

/**
 * The part of each claim: nobody gets more than it wants, and what one leaves is shared by the others in proportion to
 * their weights (max-min fairness).
 */
export function fairShares<K>(total: number, claims: ReadonlyMap<K, Claim>): Map<K, number> {
  const shares = new Map<K, number>([...claims.keys()].map((key) => [key, 0]))
  let left = Math.max(0, total)
  let open = [...claims].filter(([, { want }]) => want > 0)
  while (open.length > 0) {
    const level = left / open.reduce((sum, [, { weight }]) => sum + weight, 0)
    const content = open.filter(([, { want, weight }]) => want <= level * weight)
    if (content.length === 0) {
      for (const [key, { weight }] of open) shares.set(key, level * weight)
      return shares
    }
    for (const [key, { want }] of content) {
      shares.set(key, want)
      left -= want
    }
    open = open.filter((claim) => !content.includes(claim))
  }
  return shares
}

/** Its multiples, taken modulo 1, spread evenly however many of them are looked at. */
const GOLDEN = (Math.sqrt(5) - 1) / 2

/**
 * The same in whole pieces, whose total is whole. What rounding leaves over goes to other claims each `turn`, to each as
 * often as its fraction says: six claims on five pieces all get theirs (systematic sampling: the fractions lie side by
 * side, and every whole number, moved by a part of one, picks the fraction it falls into).
 */
export function fairPieces<K>(total: number, claims: ReadonlyMap<K, Claim>, turn: number): Map<K, number> {
  const offset = (turn * GOLDEN) % 1
  const pieces = new Map<K, number>()
  let begin = 0
  for (const [key, share] of fairShares(total, claims)) {
    const whole = Math.floor(share + ROUNDING)
    const end = begin + Math.max(0, share - whole)
    pieces.set(key, whole + Math.ceil(end - ROUNDING - offset) - Math.ceil(begin - ROUNDING - offset))
    begin = end
  }
  return pieces
}

/** What sums of fractions may be wrong by. */
const ROUNDING = 1e-9
