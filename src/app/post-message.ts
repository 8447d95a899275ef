import { createExchange } from '../connectors/http/exchange.ts'
import type { HttpAnswer } from '../connectors/http/http.ts'
import { systemClock } from './clock.ts'
import type { Config } from './config.ts'

const MOST_ANSWER_BYTES = 100_000

interface PostOptions extends Pick<Config, 'privateNetworks'> {
  /** Who the messages go to, for errors. */
  readonly name: string
  readonly timeoutMs: number
  /** Messages at once; further ones wait. */
  readonly atOnce: number
  /** What is not encrypted is sent to `privateNetworks` only. */
  readonly publicNeedsTls?: boolean
}

/** Sends messages to somebody else's address. */
export interface Posting {
  /** Once, without following redirects, and only where connections may go. Throws SyncError when there is no answer in time. */
  post(url: URL, headers: Readonly<Record<string, string>>, body: string): Promise<HttpAnswer>
  close(): Promise<void>
}

/** Alerts and webhooks are sent through it. The address is in no error but its host: its path may be a secret. */
export function openPosting({
  name,
  timeoutMs,
  atOnce,
  privateNetworks,
  publicNeedsTls = false,
}: PostOptions): Posting {
  const exchange = createExchange({
    connection: name,
    sockets: atOnce,
    connectTimeoutMs: timeoutMs,
    headersTimeoutMs: timeoutMs,
    bodyTimeoutMs: timeoutMs,
    totalTimeoutMs: timeoutMs,
    privateNetworks,
    publicNeedsTls,
    clock: systemClock,
  })
  return {
    post: (url, headers, body) =>
      exchange.exchange({
        method: 'POST',
        url,
        headers: { 'content-type': 'application/json', 'user-agent': 'couplet', ...headers },
        body,
        maxAnswerBytes: MOST_ANSWER_BYTES,
        signal: new AbortController().signal,
      }),
    close: () => exchange.close(),
  }
}
