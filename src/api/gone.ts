import type { FastifyReply } from 'fastify'

/** Aborted when whoever asks has hung up, or has the whole answer. */
export function whenGone({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController()
  if (raw.closed) gone.abort()
  else raw.once('close', () => gone.abort())
  return gone.signal
}
