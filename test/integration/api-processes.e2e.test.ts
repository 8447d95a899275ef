import { afterEach, describe, expect, it } from 'vitest'
import { type Child, startChild } from '../support/child.ts'
import { createInstallation, type Installation, queueKinds } from '../support/installation.ts'
import { waitFor } from '../support/servers.ts'
import { customerMapping, insertCustomers, twoTablesSql } from '../support/two-tables.ts'
import { startProxy } from './queue-proxy.ts'

let couplet: Installation
let children: Child[] = []

function start(file: string, env: Record<string, string> = {}): Child {
  const child = startChild(file, { env: { ...couplet.env, COUPLET_LOG_LEVEL: 'info', ...env } })
  children.push(child)
  return child
}

const says = (child: Child, pattern: RegExp) =>
  waitFor(`${pattern} from ${child.pid}`, () => pattern.exec(child.output())?.[1] ?? null)

const address = (child: Child) => says(child, /"url":"(http:[^"]+)"/)

afterEach(async () => {
  for (const child of children) child.process.kill('SIGKILL')
  await Promise.all(children.map((child) => child.ended()))
  children = []
  await couplet.close()
})

describe.each(queueKinds)('api, scheduler and worker as processes of their own, queue on %s', (queue) => {
  it('do a run that came over HTTP, and stop in order', async () => {
    couplet = await createInstallation({ queue, systemsSql: `${twoTablesSql} ${insertCustomers(50)}` })
    await couplet.import(customerMapping)
    const api = start('workers/api.ts', { COUPLET_PORT: '0' })
    const all = [api, start('workers/scheduler.ts'), start('workers/sync.ts')]
    const key = await says(api, /key of this installation: (cpl_\S+)/)
    const asked = await fetch(`${await address(api)}/api/v1/runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'full', keepCreating: 'no' }),
    })
    expect(asked.status).toBe(202)
    const { run } = await couplet.ended(Number(asked.headers.get('location')?.split('/').at(-1)))
    expect(run).toMatchObject({ state: 'succeeded', kind: 'full' })
    for (const child of all) child.process.kill('SIGTERM')
    expect(await Promise.all(all.map((child) => child.ended()))).toEqual([0, 0, 0])
    expect(all.map((child) => child.output()).join('')).not.toContain('"level":"error"')
  })

  it('P10: end in order, with 0, when they are told to while the queue is away', async () => {
    couplet = await createInstallation({ queue, systemsSql: twoTablesSql })
    const variable = queue === 'redis' ? 'QUEUE_URL' : 'DATABASE_URL'
    const network = await startProxy(couplet.env[variable] ?? '')
    await couplet.import(customerMapping)
    const worker = start('workers/sync.ts', { QUEUE_URL: network.url })
    await couplet.run('full')
    await network.cut()
    await says(worker, /(queue connection or lock error)/)
    worker.process.kill('SIGTERM')
    expect(await worker.ended(), worker.output()).toBe(0)
    await network.close()
  })
})

it('a port that is taken is named with its variable; the key is shown by the first process only', async () => {
  couplet = await createInstallation({ systemsSql: twoTablesSql })
  const first = start('workers/api.ts', { COUPLET_PORT: '0' })
  const { port } = new URL(await address(first))
  const second = start('workers/api.ts', { COUPLET_PORT: port })
  expect(await second.ended()).toBe(1)
  expect(second.output()).toContain(`COUPLET_PORT = '${port}': another program listens there already`)
  expect(second.output()).not.toContain('cpl_')
  expect(first.output().match(/cpl_/g)).toHaveLength(1)
})
