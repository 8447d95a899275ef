import type { FieldProblem } from '../../src/api/contract/problem.ts'
import { httpPart } from '../../src/api/http-part.ts'
import type { Context } from '../../src/app/context.ts'

/** An answer of the API: the body parsed, when it is JSON. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of many shapes
  readonly body: any
}

export interface Api {
  readonly url: string
  readonly key: string
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>
  /** Without the key, and with exactly these parts. */
  send(path: string, init: RequestInit): Promise<Answer>
  drain(): Promise<void>
  close(): Promise<void>
}

/** The HTTP part of a process on a free port, spoken to over real HTTP. The context must have port 0. */
export async function startApi(context: Context): Promise<Api> {
  let url = ''
  let shown = ''
  const part = httpPart(context, {
    onListening: (address) => {
      url = address
    },
    showKey: (text) => {
      shown += text
    },
  })
  await part.start?.(new AbortController().signal)
  const key = /cpl_\S+/.exec(shown)?.[0] ?? ''
  const authorization = `Bearer ${key}`
  const send = async (path: string, init: RequestInit): Promise<Answer> => {
    const answer = await fetch(`${url}${path}`, { redirect: 'manual', ...init })
    const text = await answer.text()
    const isJson = answer.headers.get('content-type')?.includes('json') ?? false
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      body: isJson && text !== '' ? JSON.parse(text) : null,
    }
  }
  return {
    url,
    key,
    send,
    get: (path, headers) => send(path, { headers: { authorization, ...headers } }),
    post: (path, body, headers) =>
      send(path, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    drain: async () => part.drain?.(),
    close: async () => part.stop?.(),
  }
}

/** What the answer says about one field. */
export function problemOf(answer: Answer, field: string): FieldProblem | undefined {
  const problems: readonly FieldProblem[] = answer.body.problems ?? []
  return problems.find((problem) => problem.field === field)
}
