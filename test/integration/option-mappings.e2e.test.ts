import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { shippedMappingFiles } from '../../src/app/package-root.ts'
import type { MappingDefinition } from '../../src/core/mapping/definition.ts'
import type { Pair } from '../../src/core/ports/mapping-store.ts'
import { requestCoupling } from '../../src/usecases/coupling/request-coupling.ts'
import { startTestSystems, type TestSystems } from '../support/dynamics.ts'
import { createInstallation, type Installation, importAll, jobOf } from '../support/installation.ts'
import { readDefinitions } from '../support/mapping-files.ts'

/** Customers, and what they refer to. */
const needed = ['CURRENCY', 'SALESPEOPLE', 'PAYMENT TERMS', 'SHIPMENT METHOD', 'SHIPPING AGENT', 'CUSTOMER']
const isNeeded = ({ name }: MappingDefinition) => needed.includes(name)
const withoutContacts = (definition: MappingDefinition): MappingDefinition => ({
  ...definition,
  fields: definition.fields.filter(({ reference }) => reference?.mapping !== 'CONTACT'),
})

/** Payment terms of Business Central and the options of Dataverse that stand for them (domain.md §8.5). */
describe('option mappings', () => {
  let couplet: Installation
  let systems: TestSystems
  let pair: Pair
  beforeEach(async () => {
    ;[couplet, systems] = await Promise.all([createInstallation({ systemsSql: '' }), startTestSystems()])
    await couplet.work()
  })
  afterEach(async () => {
    await couplet.close()
    await systems.close()
  })

  const connect = async (settings: Readonly<Record<string, string>> = {}) => {
    pair = await systems.savePair(couplet.context.deps.stores.mappings, { remote: settings })
    const all = await readDefinitions(shippedMappingFiles('dynamics'))
    await importAll(pair, all.filter(isNeeded).map(withoutContacts), couplet.context)
  }
  const termsOf = async (customer: string) => {
    const accounts = await systems.systems.remote.admin.readAll('account')
    const found = accounts.find(({ emailaddress1 }) => emailaddress1 === `info@${customer}.example`)
    return found?.['paymenttermscode']
  }
  const useTerms = (customer: string, paymentTermsCode: string) => {
    const others = { shipmentMethodCode: '', shippingAgentCode: '' }
    return systems.systems.local.admin.patch('customer', customer, { paymentTermsCode, ...others })
  }

  it('let a customer wait whose terms no option stands for, until a person couples them', async () => {
    await connect()
    await useTerms('C00001', '60 DAYS')
    await useTerms('C00002', '')
    const first = await couplet.run('full', { pairId: pair.id })
    // No label is like a code, and nobody has allowed to make options.
    expect(jobOf(first, 'PAYMENT TERMS', 'to').counters).toMatchObject({ inserted: 0, failed: 5 })
    expect(await termsOf('c00001')).toBeUndefined()
    expect(await termsOf('c00002')).toBeNull()
    const { run } = await requestCoupling(
      {
        pairId: pair.id,
        mapping: 'PAYMENT TERMS',
        local: '60 DAYS',
        remote: '4',
        next: 'nothing',
        requestedBy: 'test',
        reason: 'test',
        idempotencyKey: null,
        payloadHash: null,
      },
      couplet.context.deps,
    )
    expect((await couplet.ended(run.id)).run.state).toBe('succeeded')
    await couplet.run('modified', { pairId: pair.id })
    expect(await termsOf('c00001')).toBe(4)
  }, 120_000)

  it('make the options that are missing, once, where the connection allows it', async () => {
    await connect({ writeOptions: 'yes' })
    await useTerms('C00001', '14 DAYS')
    const first = await couplet.run('full', { pairId: pair.id })
    expect(jobOf(first, 'PAYMENT TERMS', 'to').counters).toMatchObject({ inserted: 5, failed: 0 })
    const value = await termsOf('c00001')
    expect(value).toBeGreaterThanOrEqual(100_000_000)
    await useTerms('C00001', '30 DAYS')
    const second = await couplet.run('full', { pairId: pair.id })
    expect(jobOf(second, 'PAYMENT TERMS', 'to').counters).toMatchObject({ inserted: 0, unchanged: 5 })
    expect(await termsOf('c00001')).not.toBe(value)
  }, 120_000)
})
