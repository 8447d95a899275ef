/** Random choices that depend on seed, kind and position only: each record can be worked out alone. */
export interface SeedRandom {
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number
  pick<T>(items: readonly [T, ...T[]]): T
  /** True in this share of the cases. */
  chance(share: number): boolean
  digits(count: number): string
}

/** splitmix32 over a hash of what it is for. A class, because one is made for each record that is worked out. */
class Splitmix implements SeedRandom {
  private state: number

  constructor(state: number) {
    this.state = state
  }

  between(low: number, high: number): number {
    this.state = (this.state + 0x9e3779b9) | 0
    return low + Math.floor((mix(this.state) / 2 ** 32) * (high - low + 1))
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.between(0, items.length - 1)] ?? items[0]
  }

  chance(share: number): boolean {
    return this.between(0, 999_999) < share * 1_000_000
  }

  digits(count: number): string {
    let text = ''
    for (let digit = 0; digit < count; digit += 1) text += this.between(0, 9)
    return text
  }
}

export function seedRandom(seed: number, kind: number, position: number): SeedRandom {
  return new Splitmix(mix(mix(mix(seed + 0x9e3779b9) ^ kind) ^ position))
}

function mix(value: number): number {
  let mixed = value | 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
  return (mixed ^ (mixed >>> 15)) >>> 0
}
