import { randomUUID } from 'node:crypto'
import type { RequestLane } from '../../core/ports/request-budget.ts'
import { resolveLink } from '../http/address.ts'
import { requireContentType } from '../http/body.ts'
import { answerInvalid } from '../http/failures.ts'
import type { HttpFacts, HttpHeaders, HttpMethod } from '../http/http.ts'
import type { Transport, TransportAnswer } from '../http/transport.ts'
import type { BatchRequest, BatchResult } from './batch.ts'
import { jsonBatchBody, readJsonBatch } from './batch-json.ts'
import { multipartBody, type PartAddresses, readMultipart } from './batch-multipart.ts'
import { type EdmModel, readCsdl } from './csdl.ts'
import { failureError, type ODataFailure, readFailure } from './failure.ts'
import { type Json, parseJson, stringifyJson } from './json.ts'
import { type ODataPage, readPage } from './page.ts'
import { type Preferences, preferHeader } from './prefer.ts'

/** For whom and how long a request is made. */
export interface RequestContext {
  readonly signal: AbortSignal
  /** Asked right before each sending; throws when it may not leave any more. Reads have nothing to ask. */
  readonly assertMaySend?: () => void
  readonly lane?: RequestLane
  readonly mapping?: string | null
}

export interface ODataRequest extends RequestContext {
  readonly method: HttpMethod
  /** Below the root, with its query, percent-encoded; or a whole link that the service has given. */
  readonly path: string
  readonly body?: Json
  readonly ifMatch?: string
  readonly ifNoneMatch?: string
  readonly prefer?: Preferences
  readonly headers?: HttpHeaders
  /** Sending it twice is as good as once. By default only a GET is. */
  readonly isRepeatable?: boolean
}

interface Sent {
  /** An earlier sending of this very request may have been carried out. */
  readonly mayHaveRunBefore: boolean
  /** From the first byte sent to the last of the answer; waits for the budget are no part of it. */
  readonly durationMs: number
}

export type ODataAnswer =
  | (Sent & {
      readonly ok: true
      readonly status: number
      readonly headers: HttpHeaders
      /** Null where the answer has no body. */
      readonly body: Json
    })
  | (Sent & { readonly ok: false; readonly failure: ODataFailure })

/** A page with the time its service had when it began to answer, in whole seconds; null where it does not say. */
export interface ServedPage extends ODataPage {
  readonly servedAt: Date | null
}

export interface BatchOptions extends RequestContext {
  readonly format: 'multipart' | 'json'
  readonly prefer?: Preferences
  readonly headers?: HttpHeaders
  /** How the parts of a multipart batch name their resources; of the host where nothing is said. */
  readonly partAddresses?: PartAddresses
  /** Everything in it is one transaction, as `Isolation: snapshot` makes it; JSON only. */
  readonly isOneTransaction?: boolean
}

export interface ODataClientSettings {
  /** Name of the connection, for messages. */
  readonly connection: string
  /** From `parseServiceRoot`. */
  readonly root: URL
  readonly transport: Transport
  /** Most bytes of one answer after decompression; 64 MiB where nothing is said. */
  readonly maxAnswerBytes?: number
}

/** Of the header Date, which has whole seconds. */
export const DATE_PRECISION_MS = 1_000

function dateOf(header: string | undefined): Date | null {
  const ms = Date.parse(header ?? '')
  return Number.isNaN(ms) ? null : new Date(ms)
}

const json = /^application\/([a-z0-9.-]+\+)?json$/
const xml = /^(application|text)\/([a-z0-9.-]+\+)?xml$/

/**
 * A thin OData V4 client: one request, one answer, nothing guessed. Nothing leaves for another origin or above the root.
 * Everything may throw what the transport throws, LINK_REFUSED, and ANSWER_INVALID or ANSWER_TOO_LARGE for answers that
 * cannot be read.
 */
export class ODataClient {
  readonly facts: HttpFacts
  private readonly settings: ODataClientSettings

  constructor(settings: ODataClientSettings) {
    this.settings = settings
    this.facts = { connection: settings.connection, origin: settings.root.origin }
  }

  /** The answer of one request, also where it says no. */
  async send(request: ODataRequest): Promise<ODataAnswer> {
    const body = request.body === undefined ? null : stringifyJson(request.body)
    const answer = await this.transmit(request, body, 'application/json', 'application/json')
    return this.readAnswer(answer)
  }

  /** One page of a collection, by path or by the link of the page before; `prefer` is to be the same for every page. */
  async page(
    path: string,
    request: RequestContext & Pick<ODataRequest, 'prefer' | 'headers'>,
  ): Promise<ServedPage> {
    const answer = await this.send({ ...request, method: 'GET', path })
    if (!answer.ok) throw failureError(answer.failure, `read ${this.resource(path)}`, this.facts)
    const page = readPage(answer.body, (link, context) => this.resolve(link, context).href, this.facts)
    return { ...page, servedAt: dateOf(answer.headers['date']) }
  }

  /** The time the service had when it answered a small request, in whole seconds; null where it does not say. */
  async readTime(path: string, request: RequestContext): Promise<Date | null> {
    const answer = await this.send({ ...request, method: 'GET', path })
    if (!answer.ok) throw failureError(answer.failure, 'ask for the time', this.facts)
    return dateOf(answer.headers['date'])
  }

  /** What became of each request of a batch, by id; a failure where the service did not take the batch at all. */
  async batch(
    requests: readonly BatchRequest[],
    options: BatchOptions,
  ): Promise<
    | (Sent & { readonly ok: true; readonly results: ReadonlyMap<string, BatchResult> })
    | Extract<ODataAnswer, { ok: false }>
  > {
    const isMultipart = options.format === 'multipart'
    const boundary = `batch_${randomUUID()}`
    const body = isMultipart
      ? multipartBody(requests, {
          root: this.settings.root,
          boundary,
          addresses: options.partAddresses ?? 'of-host',
        })
      : stringifyJson(jsonBatchBody(requests))
    const headers = options.isOneTransaction ? { ...options.headers, isolation: 'snapshot' } : options.headers
    const answer = await this.transmit(
      {
        ...options,
        ...(headers ? { headers } : {}),
        method: 'POST',
        path: '$batch',
        isRepeatable: requests.every(({ method }) => method === 'GET'),
      },
      body,
      isMultipart ? `multipart/mixed; boundary=${boundary}` : 'application/json',
      isMultipart ? 'multipart/mixed' : 'application/json',
    )
    return this.readBatch(requests, answer, options)
  }

  /** The declared types; a big document, to be read once and kept. */
  async metadata(request: RequestContext): Promise<EdmModel> {
    const answer = await this.transmit(
      { ...request, method: 'GET', path: '$metadata' },
      null,
      null,
      'application/xml',
    )
    if (answer.status !== 200) throw failureError(this.failureOf(answer), 'read the metadata', this.facts)
    requireContentType(answer.headers, xml, this.facts)
    return readCsdl(answer.text, this.facts)
  }

  close(): Promise<void> {
    return this.settings.transport.close()
  }

  private transmit(
    request: ODataRequest,
    body: string | null,
    contentType: string | null,
    accept: string,
  ): Promise<TransportAnswer> {
    const prefer = preferHeader(request.prefer ?? {})
    return this.settings.transport.send({
      method: request.method,
      url: this.resolve(request.path, null),
      headers: {
        accept,
        'odata-version': '4.0',
        'odata-maxversion': '4.0',
        ...(body === null || contentType === null ? {} : { 'content-type': contentType }),
        ...(prefer === null ? {} : { prefer }),
        ...(request.ifMatch === undefined ? {} : { 'if-match': request.ifMatch }),
        ...(request.ifNoneMatch === undefined ? {} : { 'if-none-match': request.ifNoneMatch }),
        ...request.headers,
      },
      body,
      isRepeatable: request.isRepeatable ?? request.method === 'GET',
      assertMaySend: request.assertMaySend ?? (() => {}),
      lane: request.lane ?? 'scheduled',
      mapping: request.mapping ?? null,
      maxAnswerBytes: this.settings.maxAnswerBytes ?? 64 * 2 ** 20,
      signal: request.signal,
    })
  }

  private readAnswer(answer: TransportAnswer): ODataAnswer {
    const { status, headers, text, mayHaveRunBefore, durationMs } = answer
    const sent = { mayHaveRunBefore, durationMs }
    if (status >= 400) return { ok: false, failure: this.failureOf(answer), ...sent }
    return { ok: true, status, headers, body: text === '' ? null : this.readJson(answer), ...sent }
  }

  private readBatch(requests: readonly BatchRequest[], answer: TransportAnswer, options: BatchOptions) {
    const { mayHaveRunBefore, durationMs } = answer
    const sent = { mayHaveRunBefore, durationMs }
    const reader = { facts: this.facts, hide: (text: string) => this.settings.transport.hide(text) }
    // A batch that has stopped at an error has that error's status, and is a batch all the same.
    const isMultipart = /^\s*multipart\/mixed/i.test(answer.headers['content-type'] ?? '')
    if (answer.status >= 400 && !isMultipart) {
      return { ok: false, failure: this.failureOf(answer), ...sent } as const
    }
    const results =
      options.format === 'multipart'
        ? readMultipart(requests, answer, reader)
        : readJsonBatch(requests, this.readJson(answer), options.isOneTransaction ?? false, reader)
    return { ok: true, results, ...sent } as const
  }

  private readJson(answer: TransportAnswer): Json {
    requireContentType(answer.headers, json, this.facts)
    try {
      return parseJson(answer.text)
    } catch {
      // The parser's own message quotes the text.
      throw answerInvalid(this.facts, 'is no valid JSON; perhaps it was cut off')
    }
  }

  private failureOf(answer: TransportAnswer): ODataFailure {
    const hide = (text: string) => this.settings.transport.hide(text)
    return readFailure(answer.status, answer.text, answer.retryAfterMs, hide)
  }

  /** A link is relative to the context of its answer, which is relative to the root (connectors.md C). */
  private resolve(link: string, context: string | null): URL {
    const { root, connection } = this.settings
    const base = context === null ? root : resolveLink(context, root, root, connection)
    return resolveLink(link, base, root, connection)
  }

  /** The resource of a path for messages: without keys and query, which may hold record data. */
  private resource(path: string): string {
    const { pathname } = this.resolve(path, null)
    return pathname.slice(this.settings.root.pathname.length).replace(/\(.*$/s, '') || 'the service'
  }
}
