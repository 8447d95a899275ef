import { afterEach, beforeEach, describe, expect, it, onTestFailed } from 'vitest'
import type { StoredMapping } from '../../src/core/ports/mapping-store.ts'
import { answerQuestion } from '../../src/usecases/question/answer-question.ts'
import { quickEnv } from '../support/crash-couplet.ts'
import { openWorkers, type Workers } from '../support/crash-workers.ts'
import { createInstallation, type Installation, queuesBut } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
let workers: Workers
afterEach(async () => {
  await workers.killAll()
  await couplet.close()
})

const stores = () => couplet.context.deps.stores
const mapping = (): Promise<StoredMapping> => stores().mappings.getMapping(couplet.pair.id, 'CUSTOMER')
const question = (runId: number) => stores().operations.findQuestion(runId)
const answer = (runId: number, given: 'yes' | 'no') =>
  answerQuestion({ runId, answer: given, answeredBy: 'test' }, couplet.context.deps)

/** What the user has set: neither a run nor its death may change it. */
async function settings() {
  const { version, definition } = await mapping()
  const schedules = await stores().schedules.list()
  return { version, definition, schedules }
}

async function kill(failpoint: string): Promise<void> {
  const worker = await workers.start({ COUPLET_FAILPOINT: failpoint })
  expect(await worker.ended()).toBe('SIGKILL')
}

describe.each(queuesBut('postgres'))('settings over the life of full synchronizations, over %s', (queue) => {
  beforeEach(async () => {
    couplet = await createInstallation({
      queue,
      systemsSql: `${twoTablesSql} ${insertCustomers(50)}`,
      env: { ...quickEnv, COUPLET_LOG_LEVEL: 'warn' },
    })
    workers = openWorkers(couplet.env)
    onTestFailed(() => workers.print())
    await couplet.import({ ...customerMapping, schedule: { everyMinutes: 1_440 } })
  })

  it('P12: a crash in the middle, a question that stays open, and the answer no change no setting', async () => {
    const before = await settings()
    expect(before.definition.onlyCoupled).toBe(true)
    const first = await couplet.start('full', { keepCreating: 'ask' })
    await kill('kill@commit#2')
    expect(await settings()).toEqual(before)
    expect(await question(first)).toBeNull()
    const worker = await workers.start()
    await couplet.ended(first)
    await worker.kill()
    expect(await question(first)).toMatchObject({ state: 'open', answer: null })
    expect(await settings()).toEqual(before)
    // Nobody has answered: a scheduled kind of run creates nothing.
    await couplet.systems.query(`INSERT INTO nav.customer (no) VALUES ('NEW')`)
    await workers.start()
    const modified = await couplet.run('modified')
    expect(modified.jobs[0]?.counters).toMatchObject({ notCoupled: 1, inserted: 0 })

    const second = await couplet.run('full', { keepCreating: 'ask' })
    expect(await question(first)).toMatchObject({ state: 'expired', answer: null })
    expect(await answer(second.run.id, 'no')).toMatchObject({
      results: [{ name: 'CUSTOMER', result: 'kept' }],
    })
    expect(await settings()).toEqual(before)
    await expect(answer(first, 'yes')).rejects.toMatchObject({ code: 'QUESTION_NOT_OPEN' })
    await expect(answer(second.run.id, 'yes')).rejects.toMatchObject({ code: 'QUESTION_NOT_OPEN' })
    expect(await settings()).toEqual(before)
  })

  it('P12: yes changes the mapping once, except where somebody has edited it meanwhile, and is not lost with its worker', async () => {
    const first = await workers.start()
    const asked = await couplet.run('full', { keepCreating: 'ask' })
    await couplet.import({ ...customerMapping, description: 'Edited' })
    const edited = await settings()
    expect(await answer(asked.run.id, 'yes')).toMatchObject({
      results: [{ name: 'CUSTOMER', result: 'edited-meanwhile' }],
    })
    expect(await settings()).toEqual(edited)
    expect(edited.definition).toMatchObject({ onlyCoupled: true, description: 'Edited' })
    await first.stop()

    const locker = await couplet.store.connect()
    await locker.query('BEGIN; LOCK TABLE couplet.end_question IN SHARE ROW EXCLUSIVE MODE')
    const runId = await couplet.start('full', { keepCreating: 'yes' })
    const dead = await workers.start()
    await waitFor('the worker is about to write the question down', async () => {
      const { rows } = await couplet.store.query(
        `SELECT FROM pg_locks WHERE NOT granted AND relation = 'couplet.end_question'::regclass`,
      )
      return rows.length > 0
    })
    await dead.kill()
    await locker.query('ROLLBACK')
    locker.release()
    expect(await settings()).toEqual(edited)
    await workers.start()
    await couplet.ended(runId)
    expect(await question(runId)).toMatchObject({
      state: 'answered',
      answer: 'yes',
      results: [{ name: 'CUSTOMER', result: 'changed' }],
    })
    const after = await settings()
    expect(after).toEqual({
      ...edited,
      version: edited.version + 1,
      definition: { ...edited.definition, onlyCoupled: false },
    })
  })
})
