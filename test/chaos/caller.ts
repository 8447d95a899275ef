import { waitFor } from '../support/servers.ts'

/** What another service does: asks for runs, and again, with the same key, until it has heard an answer. */
export interface Caller {
  /** Runs that were promised. */
  readonly accepted: ReadonlySet<number>
  ask(kind: 'full' | 'modified' | 'deletions'): Promise<void>
  /** One request, whose answer may get lost: then it throws. */
  request(path: string, body?: object, idempotencyKey?: string): Promise<unknown>
}

export interface CallerOptions {
  readonly port: string
  /** What the API has printed: the first key is among it. */
  readonly said: () => string
}

export function createCaller({ port, said }: CallerOptions): Caller {
  let key = ''
  let asked = 0
  const accepted = new Set<number>()
  const request = async (path: string, body?: object, idempotencyKey?: string): Promise<unknown> => {
    key ||= /cpl_\S+/.exec(said())?.[0] ?? ''
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      signal: AbortSignal.timeout(5_000),
    })
    return answer.json()
  }
  return {
    accepted,
    request,
    async ask(kind) {
      const id = `call-${asked++}`
      const attempt = async () => {
        const answer = (await request('/runs', { kind, deduplicate: kind !== 'full' }, id)) as {
          run?: { id: number }
          code?: string
        }
        if (answer.run) accepted.add(answer.run.id)
        return answer.run !== undefined || answer.code === 'FULL_SYNC_RUNNING'
      }
      await waitFor('the API answers', () => attempt().catch(() => false), 90_000)
    },
  }
}
