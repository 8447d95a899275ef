import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDemoCli, type DemoCli } from '../support/demo-cli.ts'

interface JobJson {
  readonly mappingName: string
  readonly direction: string
  readonly counters: Readonly<Record<string, number>>
}

/** One story: what a person does before the first full synchronization of the seven shipped mappings. */
describe('review and preview on the command line', () => {
  let demo: DemoCli
  let shown: readonly JobJson[]
  const couplet = (...args: string[]) => demo.couplet(...args)

  beforeAll(async () => {
    demo = await createDemoCli(60)
    await demo.setUp()
  })
  afterAll(() => demo.drop())

  it('recommends something for each mapping', async () => {
    const { code, stdout } = await couplet('review')
    expect(code).toBe(0)
    for (const name of ['CURRENCY', 'SALESPEOPLE', 'UNIT OF MEASURE', 'CUSTOMER', 'CONTACT'])
      expect(stdout).toMatch(
        new RegExp(`^${name}.*(Full Synchronization|Couple Records|No Match Fields|No Records Found)`, 'm'),
      )
  })

  it('shows what a full synchronization would do, and writes nothing', async () => {
    const before = await demo.snapshot()
    const { stdout } = await couplet('sync', 'full', '--dry-run', '--wait')
    expect(stdout).toContain('This was a preview: nothing has been written.')
    expect(stdout).toMatch(/CUSTOMER +local → remote +inserted +\d+/)
    expect(stdout).toMatch(/Requests it would cost: local \d+ to read/)
    expect(await demo.snapshot()).toEqual(before)
    const { runs } = JSON.parse((await couplet('runs', '--json')).stdout)
    expect(runs).toMatchObject([{ kind: 'full', preview: true }])
    shown = JSON.parse((await couplet('run', String(runs[0].id), '--json')).stdout).jobs
  })

  it('has shown just what the real run then does', async () => {
    const { stdout } = await couplet('sync', 'full', '--keep-creating', 'no', '--wait', '--json')
    const real: readonly JobJson[] = JSON.parse(stdout).jobs
    const summary = (jobs: readonly JobJson[]) =>
      jobs.map(({ mappingName, direction, counters: { inserted, coupled, failed, conflict } }) => [
        mappingName,
        direction,
        { inserted, coupled, failed, conflict },
      ])
    expect(summary(shown)).toEqual(summary(real.slice(0, shown.length)))
  })

  it('refuses a choice that does not exist, and names those that do', async () => {
    const { code, stderr } = await couplet('sync', 'full', '--line', 'CUSTOMER=perhaps')
    expect(code).toBe(64)
    expect(stderr).toContain('MAPPING=full|couple|leave-out')
  })
})
