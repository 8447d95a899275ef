import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CommandResult, startCommand } from '../support/cli.ts'
import { createDemoCli, type DemoCli } from '../support/demo-cli.ts'
import { waitFor } from '../support/servers.ts'

interface RunJson {
  readonly run: { readonly id: number; readonly state: string }
  readonly created?: boolean
  readonly counters: Readonly<Record<string, number>>
  readonly problems: readonly { readonly code: string; readonly records: number }[]
  readonly question: { readonly state: string } | null
}

/** One story: the commands build on each other, as a person would type them. */
describe('the command line on two real databases', () => {
  let demo: DemoCli
  const couplet = (...args: string[]) => demo.couplet(...args)
  const json = ({ stdout }: CommandResult): RunJson => JSON.parse(stdout)

  beforeAll(async () => {
    demo = await createDemoCli(60)
  })
  afterAll(() => demo.drop())

  const execute = async (statement: string, url = demo.systems.url) => {
    const client = new Client({ connectionString: url })
    await client.connect()
    const { rowCount } = await client.query(statement)
    await client.end()
    return rowCount ?? 0
  }
  const isWorkedOn = async () =>
    (await execute('select from couplet.lease where expires_at > clock_timestamp()', demo.store.url)) > 0

  it('sets up a pair with the seven shipped mappings', async () => {
    const result = await demo.setUp()
    expect(result).toMatchObject({ code: 0, stderr: expect.stringContaining('couplet sync full --wait') })
    expect(result.stdout.match(/: created, version 1/g)).toHaveLength(7)
  })

  it('lists mappings and schedules when only the name of the group is given', async () => {
    // Between the two a slot may pass, and with it what comes next.
    const withoutSlots = ({ stdout }: CommandResult) => stdout.replace(/"[\d-]+T[\d:.]+Z"/g, '"some time"')
    for (const group of ['mappings', 'schedules']) {
      const listed = await couplet(group)
      expect(listed).toMatchObject({ code: 0, stdout: expect.stringContaining('CUSTOMER') })
      const short = withoutSlots(await couplet(group, '--json'))
      expect(short).toContain('CUSTOMER')
      expect(short).toBe(withoutSlots(await couplet(group, 'list', '--json')))
    }
  })

  it('names every problem of a mapping file at once, with its line, and imports nothing', async () => {
    const text = await readFile(new URL('../../mappings/currency.yaml', import.meta.url), 'utf8')
    const wrong = text
      .replace('local: symbol', 'local: symbl')
      .replace('currencyname', 'currencynam')
      .replace('modifiedField: system_modified_at', 'modifiedField: changed_at')
      .replace('keyFields: [transactioncurrencyid]', 'keyFields: [currencyid]')
    const file = join(await mkdtemp(join(tmpdir(), 'couplet-')), 'wrong.yaml')
    await writeFile(file, wrong)
    const lineOf = (word: string) => wrong.split('\n').findIndex((line) => line.includes(word)) + 1

    const validated = await couplet('mappings', 'validate', file, '--json')
    expect(validated.code).toBe(1)
    const { problems } = JSON.parse(validated.stdout)
    const errors = problems.filter((problem: { severity: string }) => problem.severity === 'error')
    expect(errors).toMatchObject([
      {
        mapping: 'CURRENCY',
        code: 'MODIFIED_FIELD_MISSING',
        value: 'changed_at',
        line: lineOf('changed_at'),
      },
      { mapping: 'CURRENCY', code: 'FIELD_NOT_FOUND', value: 'currencyid', line: lineOf('[currencyid]') },
      { mapping: 'CURRENCY', code: 'FIELD_NOT_FOUND', value: 'symbl', line: lineOf('symbl') },
      { mapping: 'CURRENCY', code: 'FIELD_NOT_FOUND', value: 'currencynam', line: lineOf('currencynam') },
    ])
    const imported = await couplet('mappings', 'import', file)
    expect(imported).toMatchObject({ code: 1, stderr: expect.stringContaining('Nothing was imported') })
  })

  it('ends a full synchronization with code 2 when records stay behind, and names their problems', async () => {
    const result = await couplet('sync', 'full', '--wait', '--json')
    expect(result).toMatchObject({ code: 2, stderr: '' })
    const { run, counters, problems, question } = json(result)
    expect(run).toMatchObject({ id: 1, state: 'succeeded-with-failures' })
    expect(counters['inserted']).toBeGreaterThan(150)
    expect(new Set(problems.map((problem) => problem.code))).toEqual(
      new Set([
        'REFERENCE_NOT_COUPLED',
        'OPTION_NOT_MAPPED',
        'VALUE_TRUNCATED',
        'EXCHANGE_RATE_MISSING',
        'UNIT_GROUP_INVALID',
      ]),
    )
    expect(question).toMatchObject({ state: 'open' })
  })

  it('takes the answer to the question once', async () => {
    const first = await couplet('answer', '1', 'no')
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('CUSTOMER goes on with coupled') })
    const second = await couplet('answer', '1', 'yes')
    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining('QUESTION_NOT_OPEN') })
  })

  it('P5: writes nothing in a second full synchronization, and shows people a table', async () => {
    const before = await demo.snapshot()
    const result = await couplet('sync', 'full', '--wait', '--keep-creating', 'no')
    expect(result.code).toBe(2)
    expect(result.stdout).toMatch(/^total +\S+ +0 +0 +0 /m)
    expect(result.stderr).toMatch(/^CURRENCY: finished {2}20 unchanged/m)
    expect(await demo.snapshot()).toEqual(before)
  })

  it('synchronizes one record by its number', async () => {
    await execute(`update nav.customer set phone_no = '+45 12 34 56 78' where no = 'C00010'`)
    const result = await couplet('sync', 'record', 'CUSTOMER', 'C00010', '--wait', '--json')
    expect(result.code).toBe(0)
    expect(json(result).counters).toMatchObject({ modified: 1, inserted: 0, failed: 0 })
    const outcomes = await couplet('outcomes', '--run', String(json(result).run.id))
    expect(outcomes.stdout).toContain(`'+45 12 34 56 78'`)
  })

  it('says which keys exist nowhere', async () => {
    const result = await couplet('sync', 'record', 'CUSTOMER', 'C99999')
    expect(result).toMatchObject({ code: 1, stderr: expect.stringMatching(/C99999.*RECORD_NOT_FOUND/) })
  })

  it('tries the failed records of a run again after their cause was removed', async () => {
    await execute(
      `update nav.customer set payment_terms_code = '30 DAYS' where payment_terms_code = '14 DAYS'`,
    )
    const result = await couplet('retry', '1', '--wait', '--json')
    expect(result.code).toBe(2)
    const codes = json(result).problems.map((problem) => problem.code)
    expect(codes).not.toContain('OPTION_NOT_MAPPED')
    expect(codes).toContain('VALUE_TRUNCATED')
  })

  it('stops in order on Ctrl-C with code 130, and the run goes on later where it was (P7: its numbers add up)', async () => {
    const running = startCommand(['sync', 'full', '--wait', '--keep-creating', 'no'], {
      ...demo.env,
      COUPLET_PAGE_SIZE: '1',
    })
    await running.printed(/CUSTOMER: running/)
    running.interrupt()
    const stopped = await running.ended()
    expect(stopped).toMatchObject({
      code: 130,
      stderr: expect.stringMatching(/Run \d+ is stored and goes on/),
    })
    const id = /Run (\d+) is stored/.exec(stopped.stderr)?.[1] ?? ''
    const again = startCommand(['run', id, '--wait', '--json'], { ...demo.env, COUPLET_PAGE_SIZE: '1' })
    await waitFor('a worker works on it', isWorkedOn)
    again.interrupt()
    const shown = await again.ended()
    expect(shown.code).toBe(130)
    // Its worker may be there a moment before the command itself.
    const { run: goesOn, error } = JSON.parse(shown.stdout)
    expect(goesOn ?? error).toMatchObject(
      goesOn ? { id: Number(id), state: 'running' } : { code: 'INTERRUPTED' },
    )
    const resumed = await couplet('run', id, '--wait', '--json')
    expect(resumed.code).toBe(2)
    const { run, counters } = json(resumed)
    expect(run).toMatchObject({ id: Number(id), state: 'succeeded-with-failures' })
    const { read, reread: _, ...parts } = counters
    expect(read).toBeGreaterThan(400)
    expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBe(read)
  })

  it('stores a run for the service to work off; the same idempotency key asks for the same run', async () => {
    const first = await couplet('sync', 'modified', '--idempotency-key', 'nightly', '--json')
    const second = await couplet('sync', 'modified', '--idempotency-key', 'nightly', '--json')
    expect(json(first)).toMatchObject({ created: true, run: { state: 'queued' } })
    expect(json(second)).toMatchObject({ created: false, run: { id: json(first).run.id } })
    const other = await couplet('sync', 'full', '--idempotency-key', 'nightly')
    expect(other).toMatchObject({ code: 1, stderr: expect.stringContaining('RUN_KEY_REUSED') })
  })

  it('lists what there is, page by page', async () => {
    const page = await couplet('runs', '--limit', '2', '--json')
    const { runs, next } = JSON.parse(page.stdout)
    expect(runs).toHaveLength(2)
    expect(next).toBe(runs[1].id)
    const older = await couplet('runs', '--before', String(next), '--limit', '1')
    expect(older.stdout).toMatch(new RegExp(`^ +${next - 1} `, 'm'))
    const issues = await couplet('issues', '--mapping', 'CUSTOMER', '--kind', 'waiting')
    expect(issues.stdout).toContain('REFERENCE_NOT_COUPLED')
    const none = await couplet('issues', '--mapping', 'CUSTOMERS')
    expect(none).toMatchObject({ code: 0, stderr: 'There are no such issues.\n' })
    const unknown = await couplet('outcomes', '--run', '999999')
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('RUN_UNKNOWN') })
    const run = await couplet('run', '1')
    expect(run.stdout).toMatch(/^CONTACT .*finished .*CUSTOMER/m)
  })
})
