import { describe, expect, it } from 'vitest'
import type { JobDirection } from '../../../../src/core/mapping/definition.ts'
import type { RecordFacts } from '../../../../src/core/sync/facts.ts'
import { planAdoption, planRecord } from '../../../../src/core/sync/plan.ts'
import { makeCoupling, makeFacts, makeMapping, makePolicy, makeRecord } from '../../../support/factories.ts'

const base = { name: 'Adatum', city: 'Aarhus', phone: '1' }

/** CUSTOMER ↔ account with rules on either side. */
function withRules(rules: { local?: object; remote?: object }) {
  return makeMapping({
    local: { table: 'customer', keyFields: ['id'], referenceField: 'no', ...rules.local },
    remote: { table: 'account', keyFields: ['accountid'], ...rules.remote },
  })
}

const needsTerms = withRules({
  local: { require: [{ filter: "terms <> ''", code: 'EXCHANGE_RATE_MISSING', message: 'no rate' }] },
})
const needsActive = withRules({
  remote: {
    require: [
      { filter: 'terms is not null', code: 'UNIT_GROUP_INVALID', message: 'is inactive' },
      { filter: 'terms < 5', code: 'UNIT_GROUP_INVALID', message: 'holds several units' },
    ],
  },
})

const local = (values: object = {}) => makeRecord('local', { ...base, terms: '', ...values })
const remote = (values: object = {}) => makeRecord('remote', { ...base, terms: null, ...values })
const match = (record: ReturnType<typeof remote>): RecordFacts['match'] => ({
  candidates: [record],
  rivals: 1,
  takenBy: null,
})
const create = (mapping: typeof needsTerms, direction: JobDirection = 'to') =>
  makePolicy(mapping, direction, true)

describe('a requirement of the source', () => {
  it('C8: is checked before a record is created, and names record, field and reason', () => {
    const plan = planRecord(makeFacts(local()), create(needsTerms))
    expect(plan).toEqual({
      action: 'wait',
      awaits: null,
      problem: {
        code: 'EXCHANGE_RATE_MISSING',
        kind: 'waiting',
        message: 'customer C1: no rate',
        field: 'terms',
        value: '',
      },
    })
    expect(planRecord(makeFacts(local({ terms: 'A' })), create(needsTerms)).action).toBe('insert')
  })

  it('is checked before a match is coupled, and before a coupled record is written', () => {
    const matched = makeFacts(local(), { match: match(remote()) })
    expect(planRecord(matched, create(needsTerms)).action).toBe('wait')
    const { coupling, bases } = makeCoupling(needsTerms, local({ terms: 'A' }), remote())
    const changed = makeFacts(local({ city: 'Ribe' }), { coupling, bases, partner: remote() })
    expect(planRecord(changed, create(needsTerms)).action).toBe('wait')
  })

  it('says nothing about records that are not to be created', () => {
    expect(planRecord(makeFacts(local()), makePolicy(needsTerms)).action).toBe('notCoupled')
  })

  it('has a code and a text of its own where the mapping gives none', () => {
    const mapping = withRules({ local: { require: [{ filter: "terms = 'A'" }] } })
    const plan = planRecord(makeFacts(local({ terms: 'B' })), create(mapping))
    expect(plan).toMatchObject({
      action: 'fail',
      problem: {
        code: 'REQUIREMENT_NOT_MET',
        message: "customer C1: does not meet the requirement terms = 'A'",
        field: 'terms',
        value: 'B',
      },
    })
  })
})

describe('a requirement of the partner', () => {
  it('is checked before the pair is coupled or written: the first one that is not met is named', () => {
    const inactive = planRecord(makeFacts(local(), { match: match(remote()) }), create(needsActive))
    expect(inactive).toMatchObject({
      action: 'fail',
      problem: {
        code: 'UNIT_GROUP_INVALID',
        message: expect.stringContaining('is inactive'),
        field: 'terms',
      },
    })
    const several = makeFacts(local(), { match: match(remote({ terms: 'int:7' })) })
    expect(planRecord(several, create(needsActive))).toMatchObject({
      action: 'fail',
      problem: { message: expect.stringContaining('holds several units'), value: '7' },
    })
    const { coupling, bases } = makeCoupling(needsActive, local(), remote({ terms: 'int:1' }))
    const changed = makeFacts(local({ city: 'Ribe' }), { coupling, bases, partner: remote() })
    expect(planRecord(changed, makePolicy(needsActive)).action).toBe('fail')
  })

  it('says nothing about pairs that need nothing', () => {
    const { coupling, bases } = makeCoupling(needsActive, local(), remote())
    const same = makeFacts(local(), { coupling, bases, partner: remote() })
    expect(planRecord(same, makePolicy(needsActive)).action).toBe('unchanged')
  })

  it('holds for a counterpart that an earlier try has left', () => {
    expect(planAdoption(makeFacts(local()), remote(), create(needsActive)).action).toBe('fail')
  })

  it('says nothing about a partner that does not exist yet, and lets those pass that meet it', () => {
    expect(planRecord(makeFacts(local()), create(needsActive)).action).toBe('insert')
    const good = makeFacts(local(), { match: match(remote({ terms: 'int:1' })) })
    expect(planRecord(good, create(needsActive)).action).toBe('couple')
  })

  it('is the same rule when that record is the source', () => {
    expect(planRecord(makeFacts(remote()), create(needsActive, 'from'))).toMatchObject({
      action: 'fail',
      problem: { code: 'UNIT_GROUP_INVALID' },
    })
  })
})

describe('an ignore rule', () => {
  const mapping = withRules({ local: { ignore: "terms = 'COMPANY'" } })
  const ignored = local({ terms: 'COMPANY' })

  it('leaves records alone that are to be created, and pairs that are coupled, whichever side is looked at', () => {
    expect(planRecord(makeFacts(ignored), create(mapping))).toEqual({ action: 'ignored' })
    const { coupling, bases } = makeCoupling(mapping, local(), remote())
    const pair = { coupling, bases }
    const there = remote({ city: 'Ribe' })
    expect(planRecord(makeFacts(ignored, { ...pair, partner: there }), create(mapping)).action).toBe(
      'ignored',
    )
    const back = makeFacts(there, { ...pair, partner: ignored })
    expect(planRecord(back, create(mapping, 'from'))).toEqual({ action: 'ignored' })
  })

  it('never lets a partner be created a second time for a match that is left alone', () => {
    const facts = makeFacts(remote(), { match: match(ignored) })
    expect(planRecord(facts, create(mapping, 'from')).action).toBe('ignored')
  })

  it('is an answer to whoever asks for the record by its key', () => {
    const plan = planRecord(makeFacts(ignored, { isRequested: true }), create(mapping))
    expect(plan).toMatchObject({
      action: 'fail',
      problem: {
        code: 'RECORD_NOT_IN_FILTER',
        message: "customer C1 is left out by the ignore rule: terms = 'COMPANY'",
      },
    })
  })

  it('lets all others pass', () => {
    expect(planRecord(makeFacts(local()), create(mapping)).action).toBe('insert')
  })
})

describe('an empty reference that may only be unknown', () => {
  const mapping = makeMapping({
    fields: [
      { local: 'name', remote: 'name' },
      {
        local: 'salesperson_code',
        remote: 'ownerid',
        reference: { mapping: 'CONTACT', deferred: true },
        clearOnFailedSync: true,
      },
    ],
  })
  const id = 'uuid:00000000-0000-4000-8000-000000000009'
  const here = (code: string) => makeRecord('local', { name: 'Adatum', salesperson_code: code })
  const there = (owner: string | null) => makeRecord('remote', { name: 'Adatum', ownerid: owner })
  const known = { partnerReferences: new Map([['CONTACT', new Map([['text:CT1', id]])]]) }

  it('§8.4: never wipes out one of the other side that is not coupled: it is left to the other direction', () => {
    const facts = makeFacts(there(null), { match: match(here('CT1')) })
    expect(planRecord(facts, makePolicy(mapping, 'from'))).toMatchObject({
      action: 'couple',
      agreement: { rebased: { destination: { salesperson_code: 'text:' } } },
    })
    expect(planRecord(makeFacts(here(''), { match: match(there(id)) }), makePolicy(mapping))).toMatchObject({
      action: 'couple',
      agreement: { rebased: { destination: { ownerid: null } } },
    })
  })

  it('is carried over like any other value when the other side could have known the record', () => {
    const facts = makeFacts(there(null), { match: match(here('CT1')), ...known })
    expect(planRecord(facts, makePolicy(mapping, 'from'))).toMatchObject({
      action: 'modify',
      values: { salesperson_code: 'text:' },
    })
  })

  it('is no conflict with a reference that was put there meanwhile', () => {
    const { coupling, bases } = makeCoupling(mapping, here('CT0'), there(id))
    const facts = makeFacts(there(null), { coupling, bases, partner: here('CT1') })
    expect(planRecord(facts, makePolicy(mapping, 'from'))).toMatchObject({
      action: 'unchanged',
      agreement: { left: new Set(['salesperson_code']) },
    })
  })
})
