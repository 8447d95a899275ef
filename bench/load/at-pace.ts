import { sleep } from '../../src/lib/sleep.ts'

export interface Paced {
  readonly asked: number
  /** What went wrong, and how often. */
  readonly errors: ReadonlyMap<string, number>
  /** Milliseconds from the moment a call was due to its answer: waiting behind others counts. */
  readonly p50: number
  readonly p99: number
  readonly seconds: number
}

/** Makes `count` calls, so many a second, whether or not the earlier ones have been answered. */
export async function atPace(
  count: number,
  perSecond: number,
  call: (index: number) => Promise<void>,
): Promise<Paced> {
  const begun = performance.now()
  const times: number[] = []
  const errors = new Map<string, number>()
  const open: Promise<void>[] = []
  for (let index = 0; index < count; index += 1) {
    const due = begun + (index * 1_000) / perSecond
    const wait = due - performance.now()
    if (wait > 0) await sleep(wait, new AbortController().signal)
    open.push(
      call(index)
        .catch((error: unknown) => {
          const name = String(error)
          errors.set(name, (errors.get(name) ?? 0) + 1)
        })
        .then(() => void times.push(performance.now() - due)),
    )
  }
  await Promise.all(open)
  const seconds = (performance.now() - begun) / 1_000
  return { asked: count, errors, p50: share(times, 0.5), p99: share(times, 0.99), seconds }
}

function share(times: readonly number[], part: number): number {
  const sorted = [...times].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
}
