import type { RecordKey } from '../values/key.ts'

/** A record of the page that gets another key; `from`: the one it gives up, null where there is none. */
export interface KeyMove {
  readonly from: RecordKey | null
  readonly to: RecordKey
}

/**
 * free – nobody of the page stands on the key; waits – somebody does, and moves on before; circle – they wait for each
 * other, so that no order of writes gives every one its key.
 */
export type MoveVerdict = 'free' | 'waits' | 'circle'

/** One verdict per move, in order. Pure. */
export function judgeKeyMoves(moves: readonly KeyMove[]): readonly MoveVerdict[] {
  const holders = new Map(moves.flatMap((move) => (move.from === null ? [] : [[move.from, move] as const])))
  const findHolder = (move: KeyMove) => {
    const holder = holders.get(move.to)
    return holder === move ? undefined : holder
  }
  return moves.map((move) => {
    const seen = new Set<KeyMove>()
    let next = findHolder(move)
    if (next === undefined) return 'free'
    for (; next !== undefined && !seen.has(next); next = findHolder(next)) seen.add(next)
    return next === undefined ? 'waits' : 'circle'
  })
}
