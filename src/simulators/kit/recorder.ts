import type { SimulatedTime } from './time.ts'

/** One request that has come in. Times are milliseconds by the steady clock of the simulated system. */
export interface RecordedRequest {
  readonly number: number
  /** Who it was, by sign-in; null when nobody was signed in. */
  readonly user: string | null
  readonly method: string
  /** Path and query as sent. */
  readonly url: string
  readonly requestBytes: number
  readonly startedMs: number
  /** How many requests of this user were being worked on, this one included. */
  readonly atOnce: number
  endedMs: number | null
  /** Null while it is being worked on, and for good when no answer was sent. */
  status: number | null
  /** Kind of the fault that was injected. */
  readonly fault: string | null
}

/** Totals since the last reset. */
export interface RequestCounters {
  readonly requests: number
  /** Requests by status of the answer; `none` where none was sent. */
  readonly byStatus: Readonly<Record<string, number>>
  readonly mostAtOnce: number
  readonly mostAtOnceByUser: Readonly<Record<string, number>>
}

/** Who sent what, when, and how many at once; the newest requests only, the counters for all. */
export interface Recorder {
  begin(request: Pick<RecordedRequest, 'user' | 'method' | 'url' | 'requestBytes' | 'fault'>): RecordedRequest
  end(record: RecordedRequest, status: number | null): void
  /** Oldest first. */
  requests(): readonly RecordedRequest[]
  counters(): RequestCounters
  reset(): void
}

export function createRecorder(time: Pick<SimulatedTime, 'monotonicMs'>, capacity = 10_000): Recorder {
  const state = emptyState()
  return {
    begin(request) {
      const user = request.user ?? ''
      const atOnce = (state.active.get(user) ?? 0) + 1
      state.active.set(user, atOnce)
      state.mostByUser.set(user, Math.max(atOnce, state.mostByUser.get(user) ?? 0))
      state.total += 1
      state.open += 1
      state.most = Math.max(state.most, state.open)
      const started = { startedMs: time.monotonicMs(), endedMs: null, status: null, atOnce }
      const record: RecordedRequest = { ...request, ...started, number: state.total }
      state.ring[(state.total - 1) % capacity] = record
      return record
    },
    end(record, status) {
      record.endedMs = time.monotonicMs()
      record.status = status
      state.open -= 1
      state.active.set(record.user ?? '', (state.active.get(record.user ?? '') ?? 1) - 1)
      const key = status === null ? 'none' : String(status)
      state.byStatus.set(key, (state.byStatus.get(key) ?? 0) + 1)
    },
    requests: () => [...state.ring].sort((a, b) => a.number - b.number),
    counters: () => ({
      requests: state.total,
      byStatus: Object.fromEntries(state.byStatus),
      mostAtOnce: state.most,
      mostAtOnceByUser: Object.fromEntries(state.mostByUser),
    }),
    reset() {
      // Requests that are being worked on go on being counted, or their end would go below zero.
      const { open, active } = state
      Object.assign(state, emptyState(), { open, active, most: open })
    },
  }
}

function emptyState() {
  return {
    total: 0,
    open: 0,
    most: 0,
    ring: [] as RecordedRequest[],
    active: new Map<string, number>(),
    mostByUser: new Map<string, number>(),
    byStatus: new Map<string, number>(),
  }
}
