import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { addSchedule, changeSchedule, removeSchedule } from '../../src/usecases/schedules/change-schedule.ts'
import { enableMapping } from '../../src/usecases/setup/enable-mapping.ts'
import { setUpPair } from '../../src/usecases/setup/set-up-pair.ts'
import { createInstallation, type Installation } from '../support/installation.ts'
import { customerMapping, twoTablesSql } from '../support/two-tables.ts'

let couplet: Installation
beforeEach(async () => {
  couplet = await createInstallation({ systemsSql: twoTablesSql })
})
afterEach(() => couplet.close())

const every = (everyMinutes: number) => ({ ...customerMapping, schedule: { everyMinutes } })

async function intervals(): Promise<readonly (number | null)[]> {
  const schedules = await couplet.context.deps.stores.schedules.list()
  return schedules.map((schedule) => schedule.everyMinutes)
}

describe('the recurring job of an imported mapping', () => {
  it('follows the interval of the file', async () => {
    await couplet.import(every(30))
    await couplet.import(every(5))
    expect(await intervals()).toEqual([5])
  })

  it('keeps the interval somebody gave it, and stays off where somebody has switched it off', async () => {
    await couplet.import(every(30))
    const { schedules } = couplet.context.deps.stores
    const name = { pairId: couplet.pair.id, name: customerMapping.name }
    await schedules.save({ ...name, enabled: false }, null)
    await couplet.import(every(10))
    expect(await schedules.list()).toMatchObject([{ everyMinutes: 10, enabled: false }])
    await schedules.save({ ...name, everyMinutes: 7 }, null)
    await couplet.import(every(5))
    expect(await intervals()).toEqual([7])
  })

  it('begins when its mapping is switched on, unless somebody has switched the job itself off', async () => {
    const { deps } = couplet.context
    const isOn = async () => (await deps.stores.schedules.list()).map(({ enabled }) => enabled)
    const by = { changedBy: 'test', reason: 'test' }
    const enable = (enabled: boolean) => enableMapping(couplet.pair, customerMapping.name, enabled, by, deps)
    await couplet.import({ ...every(30), enabled: false })
    expect(await isOn()).toEqual([false])
    await enable(true)
    expect(await isOn()).toEqual([true])
    const named = { pairId: couplet.pair.id, name: customerMapping.name }
    await changeSchedule(named, { enabled: false }, { by: 'anna', reason: null }, deps)
    await enable(false)
    await enable(true)
    expect(await isOn()).toEqual([false])
  })

  it('stays removed, until somebody adds it or the file gives the mapping an interval anew', async () => {
    const { deps } = couplet.context
    const named = { pairId: couplet.pair.id, name: customerMapping.name }
    const act = { by: 'anna', reason: null }
    await couplet.import(every(30))
    await removeSchedule(named, act, deps)
    await couplet.import(every(5))
    expect(await intervals()).toEqual([])
    await addSchedule(named, { kind: 'mapping', mapping: customerMapping.name, everyMinutes: 5 }, act, deps)
    await couplet.import(every(10))
    expect(await intervals()).toEqual([10])
    await removeSchedule(named, act, deps)
    await couplet.import(customerMapping)
    await couplet.import(every(20))
    expect(await intervals()).toEqual([20])
  })
})

it('a reference to a stored mapping whose records are known by another type is refused at once', async () => {
  await couplet.import(customerMapping)
  const other = {
    ...customerMapping,
    name: 'OTHER',
    fields: [
      { local: 'name', remote: 'name' },
      { local: 'credit', remote: 'id', reference: { mapping: 'CUSTOMER' }, direction: 'ToIntegrationTable' },
    ],
  }
  await expect(couplet.import(other)).rejects.toThrow(
    'The local field credit (decimal) cannot name a record of CUSTOMER, which is known by no (text)',
  )
})

it('P2, P3: one table may not have two names, for it could be written by two workers at once', async () => {
  await couplet.import(customerMapping)
  const qualified = {
    ...customerMapping,
    name: 'OTHER',
    remote: { ...customerMapping.remote, table: 'crm.account' },
  }
  await expect(couplet.import(qualified)).rejects.toThrow(
    'OTHER remote.table: Mapping CUSTOMER calls the remote table crm.account account; one table needs one name',
  )
  await couplet.import({ ...qualified, name: 'CUSTOMER' })
})

it('a filter is stored as an expression and shown as text, and its spelling makes no new version', async () => {
  const filtered = (filter: string) => ({ ...customerMapping, local: { ...customerMapping.local, filter } })
  await couplet.import(filtered(`city IN ('O''Fallon','Ærø') and NOT(credit>=12.50)`))
  await couplet.import(filtered(`city in ('O''Fallon', 'Ærø') and not credit >= 12.50`))
  const stored = await couplet.store.query(
    `SELECT head->'local'->'filter' AS filter FROM couplet.mapping_version`,
  )
  expect(stored.rows).toEqual([
    {
      filter: {
        and: [
          { field: 'city', op: 'in', values: ["O'Fallon", 'Ærø'] },
          { not: { field: 'credit', op: '>=', value: { number: '12.50' } } },
        ],
      },
    },
  ])
  const { mappings } = couplet.context.deps.stores
  const { definition } = await mappings.getMapping(couplet.pair.id, 'CUSTOMER')
  expect(definition.local.filter).toBe(`city in ('O''Fallon', 'Ærø') and not credit >= 12.50`)
})

it('a description or the order of a value map calls for no pass over everything', async () => {
  const mapped = (valueMap: object, more: object = {}) => ({
    ...customerMapping,
    ...more,
    fields: [...customerMapping.fields.slice(0, 2), { local: 'city', remote: 'city', valueMap }],
  })
  await couplet.import(mapped({ Aarhus: 'A', Odense: 'O' }))
  await couplet.import(mapped({ Odense: 'O', Aarhus: 'A' }, { description: 'Something else' }))
  const { mappings } = couplet.context.deps.stores
  expect(await mappings.listMappings(couplet.pair.id)).toMatchObject([{ version: 2, selectionGeneration: 1 }])
})

it('a pair stays as it was when one of its new sides does not answer', async () => {
  const side = (schema: string, url = 'env:SYSTEMS_URL') => ({ kind: 'postgres', url, schema, company: '' })
  const wrong = { name: 'test', local: side('crm'), remote: side('nav', 'env:NO_SUCH_VARIABLE') }
  await expect(setUpPair(wrong, couplet.context.deps)).rejects.toThrow('NO_SUCH_VARIABLE')
  const pair = await couplet.context.deps.stores.mappings.getPair(couplet.pair.id)
  expect(pair.localConnection.settings['schema']).toBe('nav')
})
