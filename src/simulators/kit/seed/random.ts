/** Random choices that depend on seed, kind and position only: each record can be worked out alone. */
export interface SeedRandom {
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number
  pick<T>(items: readonly [T, ...T[]]): T
  /** True in this share of the cases. */
  chance(share: number): boolean
  digits(count: number): string
}

/** splitmix32 over a hash of what it is for. */
export function seedRandom(seed: number, kind: number, position: number): SeedRandom {
  let state = mix(mix(mix(seed + 0x9e3779b9) ^ kind) ^ position)
  const next = () => {
    state = (state + 0x9e3779b9) | 0
    return mix(state) / 2 ** 32
  }
  const between = (low: number, high: number) => low + Math.floor(next() * (high - low + 1))
  return {
    between,
    pick: (items) => items[between(0, items.length - 1)] ?? items[0],
    chance: (share) => next() < share,
    digits(count) {
      let text = ''
      for (let digit = 0; digit < count; digit += 1) text += between(0, 9)
      return text
    },
  }
}

function mix(value: number): number {
  let mixed = value | 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
  return (mixed ^ (mixed >>> 15)) >>> 0
}
