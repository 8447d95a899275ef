import type { Limits } from '../../src/simulators/dataverse/throttle.ts'
import type { RecordedRequest } from '../../src/simulators/kit/recorder.ts'

/** How much of one limit was used. */
export interface FacetUse {
  readonly facet: 'requests' | 'execution time' | 'concurrency'
  /** Part of the limit in use, over all windows that lie within the run; of concurrency: the mean part of it at a time. */
  readonly mean: number
  /** The most in any window, or at once. */
  readonly most: number
}

export interface Use {
  readonly facets: readonly FacetUse[]
  readonly requests: number
  readonly refused: number
  /** How many windows the run has lasted. */
  readonly windows: number
  /** Requests by what they do. */
  readonly kinds: ReadonlyMap<string, number>
}

/** How many moments a window is looked at. */
const LOOKS = 60

/**
 * What requests used of the limits of their one user, as the service counts: a request when it comes, its time when it ends.
 * `windowMs` as it lasted, and the limit of execution time for it.
 */
export function useOf(
  requests: readonly RecordedRequest[],
  limits: { readonly windowMs: number } & Pick<Limits, 'requests' | 'executionMs' | 'concurrent'>,
): Use {
  const { windowMs } = limits
  const done = requests.flatMap((each) => (each.endedMs === null ? [] : [{ ...each, endedMs: each.endedMs }]))
  const taken = done.filter(({ status }) => status !== 429)
  const began = Math.min(...done.map(({ startedMs }) => startedMs))
  const ended = Math.max(...done.map(({ endedMs }) => endedMs))
  const came = taken.map(({ startedMs }) => ({ at: startedMs, amount: 1 }))
  const took = taken.map(({ startedMs, endedMs }) => ({ at: endedMs, amount: endedMs - startedMs }))
  const busyMs = took.reduce((sum, { amount }) => sum + amount, 0)
  const concurrency = limits.concurrent ?? Number.POSITIVE_INFINITY
  const kinds = new Map<string, number>()
  for (const each of taken) kinds.set(kindOf(each), (kinds.get(kindOf(each)) ?? 0) + 1)
  const over = (entries: readonly Entry[], limit: number | null) => {
    const sums = windowSums(entries, { windowMs, from: began, to: ended })
    const parts = sums.map((sum) => sum / (limit ?? Number.POSITIVE_INFINITY))
    return {
      mean: parts.reduce((sum, part) => sum + part, 0) / parts.length,
      most: parts.reduce((most, part) => Math.max(most, part), 0),
    }
  }
  return {
    facets: [
      { facet: 'requests', ...over(came, limits.requests) },
      { facet: 'execution time', ...over(took, limits.executionMs) },
      {
        facet: 'concurrency',
        mean: busyMs / (ended - began) / concurrency,
        most: done.reduce((most, { atOnce }) => Math.max(most, atOnce), 0) / concurrency,
      },
    ],
    requests: taken.length,
    refused: done.length - taken.length,
    windows: (ended - began) / windowMs,
    kinds,
  }
}

interface Entry {
  readonly at: number
  readonly amount: number
}

/** The sums of all windows that lie between two times, at so many moments of each. */
function windowSums(
  entries: readonly Entry[],
  { windowMs, from, to }: { readonly windowMs: number; readonly from: number; readonly to: number },
): readonly number[] {
  const count = Math.max(1, Math.floor(((to - from) / windowMs - 1) * LOOKS) + 1)
  return Array.from({ length: count }, (_, look) => {
    const end = from + windowMs + (look * windowMs) / LOOKS
    return entries.reduce((sum, { at, amount }) => (at > end - windowMs && at <= end ? sum + amount : sum), 0)
  })
}

/** Method and path without ids, query and root: `POST accounts/CreateMultiple`. */
function kindOf({ method, url }: RecordedRequest): string {
  const [path = '', query = ''] = url.replace(/^\/api\/data\/v[\d.]+\//, '').split('?')
  const readsKeys = query.includes('PropertyValues')
  const name = path.replace('Microsoft.Dynamics.CRM.', '').replace(/\(.*?\)/g, '()')
  return `${method} ${name}${readsKeys ? ' by keys' : ''}`
}
