import { expect, it } from 'vitest'
import { createLateQueue } from '../../../src/app/late-queue.ts'
import { SyncError } from '../../../src/core/errors.ts'
import type { Log } from '../../../src/core/ports/runtime.ts'
import type { Run } from '../../../src/core/sync/run.ts'
import type { QueueBackend } from '../../../src/queue/backend.ts'

const log = {} as Log
const run = {} as Run

/** Back ends that open when the test says so; counts what is open. */
function createOpener() {
  const attempts: { resolve(backend: QueueBackend): void; reject(error: Error): void }[] = []
  let open = 0
  return {
    attempts,
    isOpen: () => open > 0,
    open: () => new Promise<QueueBackend>((resolve, reject) => attempts.push({ resolve, reject })),
    succeed: () => {
      open += 1
      const close = async () => {
        open -= 1
      }
      attempts.at(-1)?.resolve({ close } as QueueBackend)
    },
    fail: () => attempts.at(-1)?.reject(new SyncError('QUEUE_UNAVAILABLE', 'down')),
  }
}

it('is tried again where it could not be reached, by several at once together', async () => {
  const opener = createOpener()
  const queue = createLateQueue(opener.open, log)
  const tried = queue.tryToOpen()
  opener.fail()
  await tried
  const added = [queue.addRun(run, []), queue.addRun(run, [])]
  expect(opener.attempts).toHaveLength(2)
  opener.fail()
  for (const each of added) await expect(each).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE' })
})

it('what is being opened when it is closed is closed', async () => {
  const opener = createOpener()
  const queue = createLateQueue(opener.open, log)
  const tried = queue.tryToOpen()
  const closed = queue.close()
  opener.succeed()
  await Promise.all([tried, closed])
  expect(opener.isOpen()).toBe(false)
})

it('once it is closed nobody opens it: a run in flight is left to the scheduler', async () => {
  const opener = createOpener()
  const queue = createLateQueue(opener.open, log)
  await queue.close()
  const added = queue.addRun(run, [])
  expect(opener.attempts).toHaveLength(0)
  await expect(added).rejects.toMatchObject({ code: 'QUEUE_UNAVAILABLE', kind: 'transient' })
  await queue.tryToOpen()
})
