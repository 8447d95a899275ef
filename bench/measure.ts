import type { BenchServer } from './server.ts'

/** Seconds that the same work took Couplet and the floor. */
export interface Times {
  readonly engine: number
  readonly floor: number
}

/** One database in which Couplet and the floor take turns. */
export interface Contest {
  readonly url: string
  /** Each starts on a settled database. */
  both(work: { readonly engine: () => Promise<void>; readonly floor: () => Promise<void> }): Promise<Times>
  settle(): Promise<void>
}

export function openContest(server: BenchServer, url: string, engineFirst: boolean): Contest {
  const settle = () => server.settle(url)
  return {
    url,
    settle,
    async both(work) {
      const times = { engine: 0, floor: 0 }
      for (const who of engineFirst ? (['engine', 'floor'] as const) : (['floor', 'engine'] as const)) {
        await settle()
        times[who] = await seconds(work[who])
      }
      return times
    },
  }
}

export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1_000
}

export function expectEqual<T extends number | string | boolean>(what: string, found: T, expected: T): void {
  if (found !== expected) throw new Error(`The bench is wrong: ${what} ${found}, expected ${expected}`)
}
