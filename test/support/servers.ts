import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** A TCP port of 127.0.0.1 that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('No port')
  return address.port
}

/** Waits until the condition gives something else than false, null or undefined; throws after `timeoutMs`. */
export async function waitFor<T>(
  what: string,
  condition: () => T | Promise<T>,
  timeoutMs = 45_000,
): Promise<NonNullable<Exclude<T, false>>> {
  const end = performance.now() + timeoutMs
  for (;;) {
    const value = await condition()
    if (value !== false && value !== null && value !== undefined) {
      return value as NonNullable<Exclude<T, false>>
    }
    if (performance.now() > end) throw new Error(`Waited ${timeoutMs} ms in vain: ${what}`)
    await delay(20)
  }
}
