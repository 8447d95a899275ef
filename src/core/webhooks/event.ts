import { z } from 'zod'
import { issueKinds } from '../sync/issue.ts'
import { counterNames, detailNames } from '../sync/outcome.ts'
import { runKinds, runStates } from '../sync/run.ts'

/** Records that one event names at most; `count` says how many there are. */
export const MOST_RECORDS = 100

const Time = z.string().meta({ description: 'ISO 8601, in UTC' })

/** How a run has ended. No free words: an error is told by its code. */
const RunFinished = z.object({
  pair: z.string(),
  run: z.object({
    id: z.int(),
    kind: z.enum(runKinds),
    state: z.enum(runStates),
    preview: z.boolean(),
    requestedBy: z.string(),
    idempotencyKey: z.string().nullable(),
    mappings: z.array(z.string()),
    errorCode: z.string().nullable(),
    createdAt: Time,
    startedAt: Time.nullable(),
    finishedAt: Time,
  }),
  counters: z.record(z.enum(['read', ...counterNames, ...detailNames]), z.int()),
})

/** One record with an issue: keys as people write them and a code, never a value of a field. */
const IssueRecord = z.object({
  direction: z.enum(['to', 'from']),
  key: z.string(),
  partnerKey: z.string().nullable(),
  kind: z.enum(issueKinds),
  code: z.string(),
  field: z.string().nullable(),
})

/** What one page of one mapping has changed about issues: all of it in one event. */
export const IssuesChanged = z.object({
  pair: z.string(),
  mapping: z.string(),
  count: z.int(),
  records: z.array(IssueRecord).max(MOST_RECORDS),
})

/** A mapping that an alert rule on `mapping-late` or `mapping-age` speaks about, or no longer does; `minutes` is what that metric measures. */
const MappingLate = z.object({
  pair: z.string(),
  mapping: z.string(),
  rule: z.string(),
  severity: z.string(),
  metric: z.enum(['mapping-late', 'mapping-age']),
  minutes: z.int(),
  thresholdMinutes: z.int(),
  since: Time,
})

const WebhookTried = z.object({ webhook: z.string() })

/** What `data` is, by type of event. */
export const eventData = {
  'run.finished': RunFinished,
  'conflict.opened': IssuesChanged,
  'issue.opened': IssuesChanged,
  'issue.closed': IssuesChanged,
  'mapping.late': MappingLate,
  'mapping.recovered': MappingLate,
  'webhook.test': WebhookTried,
} as const

export type EventType = keyof typeof eventData

/** What somebody may want to be told; a test is sent to who is tried, and only once. */
export const wantedEvents = [
  'run.finished',
  'conflict.opened',
  'issue.opened',
  'issue.closed',
  'mapping.late',
  'mapping.recovered',
] as const satisfies readonly EventType[]
export type WantedEvent = (typeof wantedEvents)[number]

/** Something that is told, as it is written down with what has happened. */
export type ToldEvent = {
  readonly [T in EventType]: {
    readonly type: T
    /** What receivers may be limited to; null: of no pair. */
    readonly pair: string | null
    readonly mappings: readonly string[]
    readonly data: z.input<(typeof eventData)[T]>
  }
}[EventType]

/** An event that has been written down. */
export interface StoredEvent {
  /** Never given twice; a message that is sent again has the same one. */
  readonly id: string
  readonly type: EventType
  /** ISO time at which it happened. */
  readonly at: string
  readonly data: unknown
}

/** The body of the message, byte for byte the same at each attempt (docs/webhooks.md). */
export function messageBody({ id, type, at, data }: StoredEvent): string {
  return JSON.stringify({ id, type, timestamp: at, data })
}
