import { createServer } from 'node:http'
import { afterEach, expect, it } from 'vitest'
import { type Child, startChild } from '../support/child.ts'
import { waitFor } from '../support/servers.ts'
import { openTestStore, type TestStore } from '../support/store.ts'

const limits = { windowMs: 12_000, requests: 240, executionMs: null, concurrency: 5 }

/** A server that remembers who has sent when, and how many requests ran at once. */
async function openServer() {
  const arrivals: { readonly at: number; readonly worker: string }[] = []
  let running = 0
  let most = 0
  const server = createServer((request, response) => {
    arrivals.push({ at: performance.now(), worker: String(request.headers['worker']) })
    running += 1
    most = Math.max(most, running)
    setImmediate(() => {
      running -= 1
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('No port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    sentBy: (child: Child) => arrivals.filter(({ worker }) => worker === String(child.pid)).length,
    /** Most requests in any window, and at once. */
    most: () => {
      let from = 0
      const counts = arrivals.map(({ at }, index) => {
        while ((arrivals[from]?.at ?? at) <= at - limits.windowMs) from += 1
        return index - from + 1
      })
      return { inWindow: Math.max(0, ...counts), atOnce: most }
    },
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

it('two processes share one budget, and when one is killed the other gets all of it, within the limits', async () => {
  const opened: TestStore = await openTestStore()
  closers.push(() => opened.close())
  const server = await openServer()
  closers.push(() => server.close())
  const { id } = await opened.store.mappings.saveConnection({ name: 'crm', kind: 'memory', settings: {} })
  const start = () => {
    const args = [opened.url, server.url, String(id), JSON.stringify(limits)]
    const child = startChild('test/crash/budget-process.ts', { args })
    closers.push(() => child.process.kill('SIGKILL') && child.ended())
    return child
  }
  const [victim, heir] = [start(), start()]
  await waitFor('both send', () => server.sentBy(victim) > 20 && server.sentBy(heir) > 20)
  victim.process.kill('SIGKILL')
  await victim.ended()
  const before = server.sentBy(heir)
  // More than a window holds: the budget has come back from both of them.
  await waitFor('the heir goes on', () => server.sentBy(heir) - before > limits.requests, 120_000)
  expect(server.most().inWindow).toBeLessThanOrEqual(limits.requests)
  expect(server.most().atOnce).toBeLessThanOrEqual(limits.concurrency)
  const [budget] = await opened.store.budgets.readBudgets(id)
  expect(Object.keys(budget?.state.workers ?? {})).toEqual([`worker-${heir.pid}`])
})
