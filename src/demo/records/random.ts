/** Random numbers that depend on the seed only: the same seed gives the same demo on every machine. */
export interface Random {
  /** In [0, 1). */
  next(): number
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number
  pick<T>(items: readonly [T, ...T[]]): T
  /** True in this share of the cases. */
  chance(share: number): boolean
  uuid(): string
  digits(count: number): string
}

/** sfc32: 128 bits of state, good enough for data and tiny. */
export function createRandom(seed: number): Random {
  const state: [number, number, number, number] = [seed | 0, 0x9e3779b9, 0x243f6a88, 1]
  for (let round = 0; round < 16; round += 1) nextUint32(state)
  const next = (): number => nextUint32(state) / 2 ** 32
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1))
  return {
    next,
    between,
    pick: (items) => items[between(0, items.length - 1)] ?? items[0],
    chance: (share) => next() < share,
    uuid: () => uuidOf([nextUint32(state), nextUint32(state), nextUint32(state), nextUint32(state)]),
    digits: (count) => Array.from({ length: count }, () => between(0, 9)).join(''),
  }
}

function nextUint32(state: [number, number, number, number]): number {
  const [a, b, c, counter] = state
  const result = (a + b + counter) | 0
  state[0] = b ^ (b >>> 9)
  state[1] = (c + (c << 3)) | 0
  state[2] = (((c << 21) | (c >>> 11)) + result) | 0
  state[3] = (counter + 1) | 0
  return result >>> 0
}

/** The form of a random (version 4) uuid. */
function uuidOf(words: readonly number[]): string {
  const hex = words.map((word) => word.toString(16).padStart(8, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
}
