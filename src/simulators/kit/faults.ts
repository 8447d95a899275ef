import { z } from 'zod'
import type { SimRequest } from './http.ts'
import { isWriting } from './writing.ts'

/** Which requests a fault is for; what is left out matches all. */
const Match = z.strictObject({
  method: z.string().optional(),
  /** A regular expression on path and query, as sent. */
  url: z.string().refine(isPattern, 'is no regular expression').optional(),
  /** Client id, or user name. */
  user: z.string().optional(),
  /** True: only requests that write something, alone or inside of a batch; false: only those that merely read. */
  writes: z.boolean().optional(),
  /** True for parts of batches only; false, the default, for requests from the network only. */
  part: z.boolean().default(false),
})

const common = {
  match: Match.default({ part: false }),
  /** How many matching requests are hit; null for all of them. */
  times: z.number().int().min(1).nullable().default(1),
  /** How many matching requests go through first. */
  skip: z.number().int().min(0).default(0),
  /** Hits each n-th matching request only. */
  every: z.number().int().min(1).default(1),
}
const ms = z.number().min(0)

/** One kind of trouble (connectors.md C, rows 2, 4, 15 and 16). Milliseconds are real ones. */
export const Fault = z.discriminatedUnion('kind', [
  /** Works, after a pause. */
  z.strictObject({ kind: z.literal('latency'), ms, ...common }),
  /** Is refused with this status, and the code and message of the system's error body. */
  z.strictObject({
    kind: z.literal('status'),
    status: z.number().int().min(400).max(599),
    /** Seconds, or a date as HTTP writes it. */
    retryAfter: z.union([z.number(), z.string()]).optional(),
    code: z.string().optional(),
    message: z.string().optional(),
    /** False: the request is carried out first, and refused all the same. */
    before: z.boolean().default(true),
    ...common,
  }),
  /** Every token there is expires now. */
  z.strictObject({ kind: z.literal('expire-tokens'), ...common }),
  /** A page for people instead of JSON. */
  z.strictObject({ kind: z.literal('html'), status: z.number().int().default(502), ...common }),
  /** Nothing instead of JSON. */
  z.strictObject({ kind: z.literal('empty'), status: z.number().int().default(200), ...common }),
  /** The answer's body ends early, and its length says so: a complete answer with half a document. */
  z.strictObject({ kind: z.literal('truncated'), ...common }),
  /** The connection is cut: before anything is done, in the middle of the answer, or done but unanswered. */
  z.strictObject({
    kind: z.literal('reset'),
    when: z.enum(['before', 'middle', 'after']),
    /** In the middle of an answer: whether its length was announced, or it comes in chunks without an end. */
    chunked: z.boolean().default(false),
    ...common,
  }),
  /** The connection is cut at once, and the request carried out when somebody says so (`release`): a write that is late. */
  z.strictObject({ kind: z.literal('late'), ...common }),
  /** Headers and half of the body, and then nothing for as long as the client waits. */
  z.strictObject({ kind: z.literal('stall'), ...common }),
  /** Carried out at once, answered late. */
  z.strictObject({ kind: z.literal('slow-first-byte'), ms, ...common }),
  /** Answered well; then the connection is closed although it was to be kept. */
  z.strictObject({ kind: z.literal('close-idle'), ...common }),
  /** Somebody edits records right before the request is worked on: pages change while they are read. */
  z.strictObject({
    kind: z.literal('edit'),
    edits: z.array(
      z.strictObject({
        action: z.enum(['insert', 'patch', 'delete']),
        table: z.string(),
        key: z.string().nullable().default(null),
        values: z.record(z.string(), z.unknown()).default({}),
      }),
    ),
    ...common,
  }),
])
export type Fault = z.infer<typeof Fault>
export type RecordEdit = Extract<Fault, { kind: 'edit' }>['edits'][number]

/** What of a request a fault can be told by; a part of a batch is never a batch itself. */
type RequestLine = Pick<SimRequest, 'method' | 'path' | 'query'> & { readonly body?: unknown }

/** Faults that wait for their requests. */
export interface FaultBox {
  add(fault: Fault): void
  /** The first fault that hits this request, counted as used. */
  take(request: RequestLine, from: { readonly user: string | null; readonly part: boolean }): Fault | null
  list(): readonly { readonly fault: Fault; readonly seen: number; readonly hits: number }[]
  /** Keeps a request that arrives late. */
  hold(request: () => Promise<unknown>): void
  /** Everything that is late arrives now, in the order in which it was sent. */
  release(): Promise<void>
  clear(): void
}

export function createFaultBox(): FaultBox {
  let waiting: { fault: Fault; seen: number; hits: number }[] = []
  let late: (() => Promise<unknown>)[] = []
  return {
    add(fault) {
      waiting.push({ fault, seen: 0, hits: 0 })
    },
    take(request, from) {
      for (const entry of waiting) {
        if (!matches(entry.fault, request, from)) continue
        entry.seen += 1
        const at = entry.seen - entry.fault.skip
        if (at < 1 || (at - 1) % entry.fault.every !== 0) continue
        entry.hits += 1
        if (entry.fault.times !== null && entry.hits >= entry.fault.times) {
          waiting = waiting.filter((each) => each !== entry)
        }
        return entry.fault
      }
      return null
    },
    list: () => waiting.map((entry) => ({ ...entry })),
    hold(request) {
      late.push(request)
    },
    async release() {
      for (const request of late.splice(0)) await request()
    },
    clear() {
      waiting = []
      late = []
    },
  }
}

/** The fault that a request asks for itself, in the header `x-simulate-fault`; throws what zod says of a bad one. */
export function faultOfHeader(request: SimRequest): Fault | null {
  const text = request.headers['x-simulate-fault']
  return typeof text === 'string' ? Fault.parse(JSON.parse(text)) : null
}

function matches(
  { match }: Fault,
  request: RequestLine,
  from: { readonly user: string | null; readonly part: boolean },
): boolean {
  if (match.part !== from.part) return false
  if (match.method !== undefined && match.method.toUpperCase() !== request.method) return false
  if (match.user !== undefined && match.user !== from.user) return false
  if (match.writes !== undefined && match.writes !== isWriting(request)) return false
  const url = request.query === '' ? request.path : `${request.path}?${request.query}`
  return match.url === undefined || new RegExp(match.url).test(url)
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text)
    return true
  } catch {
    return false
  }
}
