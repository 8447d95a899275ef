import { describe, expect, it } from 'vitest'
import { planAdoption, planRecord } from '../../../../src/core/sync/plan.ts'
import {
  makeCoupling,
  makeFacts,
  makeMapping,
  makePolicy,
  makeRecord,
  remoteKey,
} from '../../../support/factories.ts'

const base = { name: 'Adatum', city: 'Aarhus', phone: '1' }
const mapping = makeMapping()
const inDoubt = { expectedVersion: 'v1', sourceValues: {}, isSettledOnce: false } as const

function coupled(
  localNow: Record<string, string | null>,
  remoteNow: Record<string, string | null>,
  using = mapping,
) {
  const { coupling, bases } = makeCoupling(using, makeRecord('local', base), makeRecord('remote', base))
  return {
    coupling,
    bases,
    local: makeRecord('local', localNow, 'v2'),
    remote: makeRecord('remote', remoteNow, 'v2'),
  }
}

describe('a coupled pair', () => {
  it('is left alone when neither side differs from its own base', () => {
    const { coupling, bases, local, remote } = coupled(base, base)
    const plan = planRecord(makeFacts(local, { coupling, bases, partner: remote }), makePolicy(mapping))
    expect(plan).toMatchObject({ action: 'unchanged', isNews: false })
  })

  it('writes only the fields that the source has changed', () => {
    const { coupling, bases, local, remote } = coupled({ ...base, phone: '2' }, base)
    const plan = planRecord(makeFacts(local, { coupling, bases, partner: remote }), makePolicy(mapping))
    expect(plan).toMatchObject({ action: 'modify', values: { phone: 'text:2' } })
  })

  it('leaves a field that only the destination has changed to the job of the other direction', () => {
    const { coupling, bases, local, remote } = coupled({ ...base, phone: '2' }, { ...base, city: 'Odense' })
    const plan = planRecord(makeFacts(local, { coupling, bases, partner: remote }), makePolicy(mapping))
    expect(plan).toMatchObject({
      action: 'modify',
      values: { phone: 'text:2' },
      agreement: { left: new Set(['city']) },
    })
  })

  it('agrees without a write when both sides were changed to the same value', () => {
    const { coupling, bases, local, remote } = coupled({ ...base, phone: '2' }, { ...base, phone: '2' })
    const plan = planRecord(makeFacts(local, { coupling, bases, partner: remote }), makePolicy(mapping))
    expect(plan).toMatchObject({ action: 'unchanged', isNews: true })
  })

  it('is a conflict when both sides changed the same field to different values, and nothing is written', () => {
    const { coupling, bases, local, remote } = coupled(
      { ...base, phone: '2', city: 'Skive' },
      { ...base, phone: '3' },
    )
    const plan = planRecord(makeFacts(local, { coupling, bases, partner: remote }), makePolicy(mapping))
    expect(plan).toMatchObject({
      action: 'conflict',
      problem: { code: 'CONFLICT_BOTH_CHANGED', field: 'phone', value: 'text:2' },
      conflicts: [
        {
          local: { field: 'phone', base: 'text:1', value: 'text:2' },
          remote: { field: 'phone', base: 'text:1', value: 'text:3' },
        },
      ],
    })
  })

  it.each([
    ['Send Update to Integration', 'to', 'modify'],
    ['Send Update to Integration', 'from', 'unchanged'],
    ['Get Update from Integration', 'to', 'unchanged'],
    ['Get Update from Integration', 'from', 'modify'],
  ] as const)('with "%s" the %s job decides: %s', (updateConflict, direction, action) => {
    const using = makeMapping({ updateConflict })
    const { coupling, bases, local, remote } = coupled(
      { ...base, phone: '2' },
      { ...base, phone: '3' },
      using,
    )
    const [source, partner] = direction === 'to' ? [local, remote] : [remote, local]
    const plan = planRecord(makeFacts(source, { coupling, bases, partner }), makePolicy(using, direction))
    expect(plan.action).toBe(action)
  })

  it('overwrites drift of a field that only the source may change', () => {
    const using = makeMapping({
      direction: 'ToIntegrationTable',
      fields: [{ local: 'name', remote: 'name', direction: 'ToIntegrationTable' }],
    })
    const { coupling, bases } = makeCoupling(
      using,
      makeRecord('local', { name: 'A' }),
      makeRecord('remote', { name: 'A' }),
    )
    const facts = makeFacts(makeRecord('local', { name: 'A' }), {
      coupling,
      bases,
      partner: makeRecord('remote', { name: 'B' }, 'v2'),
    })
    expect(planRecord(facts, makePolicy(using))).toMatchObject({
      action: 'modify',
      values: { name: 'text:A' },
    })
  })

  it('does not write again what the destination had normalised at the last agreement', () => {
    const { coupling, bases } = makeCoupling(
      mapping,
      makeRecord('local', base),
      makeRecord('remote', { ...base, name: 'ADATUM' }),
    )
    const facts = makeFacts(makeRecord('local', base), {
      coupling,
      bases,
      partner: makeRecord('remote', { ...base, name: 'ADATUM' }),
    })
    expect(planRecord(facts, makePolicy(mapping))).toMatchObject({ action: 'unchanged', isNews: false })
  })

  it('is left to the rules for deletions when its partner is gone', () => {
    const { coupling, bases, local } = coupled(base, base)
    const plan = planRecord(makeFacts(local, { coupling, bases, partner: null }), makePolicy(mapping))
    expect(plan).toEqual({ action: 'partner-gone', coupling })
  })

  it('is compared in every field again after the mapping was edited', () => {
    const { coupling, bases, local, remote } = coupled(base, { ...base, phone: '9' })
    const edited = makeMapping({}, 2)
    const withDrift = { ...bases, remote: { ...bases.remote, phone: 'text:9' as const } }
    const plan = planRecord(
      makeFacts(local, { coupling, bases: withDrift, partner: remote }),
      makePolicy(edited),
    )
    expect(plan).toMatchObject({ action: 'modify', values: { phone: 'text:1' } })
  })
})

describe('a value that does not fit', () => {
  it('fails the record with field, value and both lengths, and is never cut', () => {
    const { coupling, bases, local, remote } = coupled(base, { ...base, city: 'x'.repeat(31) })
    const plan = planRecord(
      makeFacts(remote, { coupling, bases, partner: local }),
      makePolicy(mapping, 'from'),
    )
    expect(plan).toMatchObject({ action: 'fail', problem: { code: 'VALUE_TRUNCATED', field: 'city' } })
  })

  it('is not looked at while the field has not changed', () => {
    const long = { ...base, city: 'x'.repeat(31) }
    const { coupling, bases } = makeCoupling(mapping, makeRecord('local', base), makeRecord('remote', long))
    const facts = makeFacts(makeRecord('remote', { ...long, phone: '5' }), {
      coupling,
      bases,
      partner: makeRecord('local', base),
    })
    expect(planRecord(facts, makePolicy(mapping, 'from'))).toMatchObject({
      action: 'modify',
      values: { phone: 'text:5' },
    })
  })
})

describe('an uncoupled record', () => {
  const source = makeRecord('local', base)

  it('is passed over while the mapping takes only coupled records', () => {
    expect(planRecord(makeFacts(source), makePolicy(mapping))).toEqual({ action: 'notCoupled' })
  })

  it('is created with every field when creation is allowed', () => {
    const plan = planRecord(makeFacts(source), makePolicy(mapping, 'to', true))
    expect(plan).toMatchObject({
      action: 'insert',
      values: { name: 'text:Adatum', city: 'text:Aarhus', phone: 'text:1' },
    })
  })

  it('is not created beside a record to which the mapping gives its key, and not called one while nothing is created', () => {
    const facts = makeFacts(source, { namesake: 'text:n1' })
    expect(planRecord(facts, makePolicy(mapping, 'to', true))).toMatchObject({
      action: 'fail',
      problem: { code: 'POSSIBLE_DUPLICATE' },
    })
    expect(planRecord(facts, makePolicy(mapping, 'to', false))).toEqual({ action: 'notCoupled' })
  })

  it('is coupled to its only match, and the source decides what both hold', () => {
    const candidate = makeRecord('remote', { ...base, phone: '7' })
    const facts = makeFacts(source, { match: { candidates: [candidate], rivals: 1, takenBy: null } })
    expect(planRecord(facts, makePolicy(mapping))).toMatchObject({
      action: 'modify',
      couples: true,
      values: { phone: 'text:1' },
    })
  })

  it('keeps what its table makes for a field the source has nothing for, and gives it back', () => {
    const numbered = makeMapping({
      fields: [
        { local: 'no', remote: 'name' },
        { local: 'city', remote: 'city' },
      ],
    })
    const remote = makeRecord('remote', { name: null, city: 'Ribe' })
    const plan = planRecord(makeFacts(remote), makePolicy(numbered, 'from', true))
    expect(plan).toMatchObject({ action: 'insert', agreement: { left: new Set(['no']) } })
    expect(plan.action === 'insert' && plan.values).toEqual({ city: 'text:Ribe' })
  })

  it.each([
    [
      'two candidates',
      { candidates: [makeRecord('remote', base), makeRecord('remote', base)], rivals: 1, takenBy: null },
      'NO_UNIQUE_MATCH',
    ],
    [
      'a candidate that matches two sources',
      { candidates: [makeRecord('remote', base)], rivals: 2, takenBy: null },
      'NO_UNIQUE_MATCH',
    ],
    [
      'a candidate another mapping has coupled',
      { candidates: [makeRecord('remote', base)], rivals: 1, takenBy: 'OTHER' },
      'ALREADY_COUPLED',
    ],
  ] as const)('is never coupled and never created with %s', (_case, match, code) => {
    const plan = planRecord(makeFacts(source, { match }), makePolicy(mapping, 'to', true))
    expect(plan).toMatchObject({ action: 'fail', problem: { code } })
  })

  it('is neither coupled nor created again once it was uncoupled, until a person allows a new partner', () => {
    const candidate = makeRecord('remote', base)
    const pair = {
      localKey: source.key,
      remoteKey: candidate.key,
      generation: 0,
      uncoupledBy: 'anna',
      uncoupledAt: '2024-05-01T10:00:00.000000Z',
      released: { local: false, remote: false },
    }
    const match = { candidates: [candidate], rivals: 1, takenBy: null }
    const skipped = { action: 'skip', problem: { code: 'UNCOUPLED_BEFORE' } }
    const plan = (facts: object, creates: boolean) =>
      planRecord(makeFacts(source, facts), makePolicy(mapping, 'to', creates))
    expect(plan({ match, memory: [pair] }, false)).toMatchObject(skipped)
    expect(plan({ memory: [pair] }, true)).toMatchObject(skipped)
    expect(plan({ memory: [pair] }, false)).toEqual({ action: 'notCoupled' })
    const released = [{ ...pair, released: { local: true, remote: false } }]
    expect(plan({ match, memory: released }, true)).toMatchObject({ action: 'insert' })
    const others = { candidates: [candidate, makeRecord('remote', base)], rivals: 1, takenBy: null }
    expect(plan({ match: others, memory: released }, true)).toMatchObject({
      action: 'fail',
      problem: { code: 'NO_UNIQUE_MATCH' },
    })
    const elsewhere = [{ ...pair, remoteKey: 'uuid:other' }]
    expect(plan({ match, memory: elsewhere }, false)).toMatchObject({ action: 'couple' })
  })

  it('outside of the filter is silence in a run and an answer to a request', () => {
    expect(planRecord(makeFacts(source, { isInFilter: false }), makePolicy(mapping, 'to', true))).toEqual({
      action: 'ignored',
    })
    const asked = makeFacts(source, { isInFilter: false, isRequested: true })
    expect(planRecord(asked, makePolicy(mapping, 'to', true))).toMatchObject({
      action: 'fail',
      problem: { code: 'RECORD_NOT_IN_FILTER' },
    })
  })
})

describe('references, constants and value maps', () => {
  const rich = makeMapping({
    fields: [
      { local: 'name', remote: 'name' },
      {
        local: 'salesperson_code',
        remote: 'ownerid',
        direction: 'ToIntegrationTable',
        reference: { mapping: 'SALESPEOPLE' },
        notNull: true,
      },
      {
        local: 'currency_code',
        remote: 'currencyid',
        reference: { mapping: 'CURRENCY', remoteWhenLocalBlank: '00000000-0000-4000-8000-00000000000a' },
      },
      { local: 'terms', remote: 'terms', valueMap: { NET30: '1', NET45: '3' } },
      { local: 'phone', remote: 'phone', constant: 'none' },
    ],
  })
  const owner = 'uuid:00000000-0000-4000-8000-0000000000aa'
  const references = new Map([['SALESPEOPLE', new Map([['text:JO', owner]])]])
  const source = (values: Record<string, string>) =>
    makeRecord('local', {
      name: 'A',
      salesperson_code: '',
      currency_code: '',
      terms: '',
      phone: '',
      ...values,
    })
  const plan = (values: Record<string, string>) =>
    planRecord(makeFacts(source(values), { references }), makePolicy(rich, 'to', true))

  it('translates a reference through its coupling', () => {
    expect(plan({ salesperson_code: 'JO' })).toMatchObject({ action: 'insert', values: { ownerid: owner } })
  })

  it('waits, by name, for a referenced record that is not coupled', () => {
    expect(plan({ salesperson_code: 'XX' })).toMatchObject({
      action: 'wait',
      awaits: { mapping: 'SALESPEOPLE', reference: 'text:XX' },
      problem: { code: 'REFERENCE_NOT_COUPLED', field: 'salesperson_code', value: 'XX' },
    })
  })

  it('does not transfer an empty reference where the field says so, and means the base currency by an empty code', () => {
    const made = plan({})
    expect(made).toMatchObject({
      action: 'insert',
      values: { currencyid: 'uuid:00000000-0000-4000-8000-00000000000a' },
    })
    expect(made.action === 'insert' && 'ownerid' in made.values).toBe(false)
  })

  it('writes the constant where the source is empty, and the mapped option', () => {
    expect(plan({ terms: 'NET45' })).toMatchObject({
      action: 'insert',
      values: { terms: 'int:3', phone: 'text:none' },
    })
  })

  it('fails a code that the value map does not know', () => {
    expect(plan({ terms: 'CASH' })).toMatchObject({
      action: 'fail',
      problem: { code: 'OPTION_NOT_MAPPED', field: 'terms', value: 'CASH' },
    })
  })

  it('clears a deferred reference and remembers what it awaits', () => {
    const deferred = makeMapping({
      fields: [
        {
          local: 'salesperson_code',
          remote: 'ownerid',
          clearOnFailedSync: true,
          reference: { mapping: 'SALESPEOPLE', deferred: true },
        },
      ],
    })
    const made = planRecord(makeFacts(source({ salesperson_code: 'XX' })), makePolicy(deferred, 'to', true))
    expect(made).toMatchObject({
      action: 'insert',
      values: { ownerid: null },
      agreement: { awaits: [{ mapping: 'SALESPEOPLE', reference: 'text:XX' }] },
    })
  })

  it('never carries the blank it had to leave back over the reference it could not translate', () => {
    const deferred = makeMapping({
      fields: [
        {
          local: 'salesperson_code',
          remote: 'ownerid',
          clearOnFailedSync: true,
          reference: { mapping: 'SALESPEOPLE', deferred: true },
        },
      ],
    })
    const local = makeRecord('local', { salesperson_code: 'XX' })
    const remote = makeRecord('remote', { ownerid: null })
    const { coupling, bases } = makeCoupling(deferred, local, remote)
    const known = { ...coupling, references: { 'salesperson_code → ownerid': null } }
    const facts = makeFacts(remote, { coupling: known, bases, partner: local })
    expect(planRecord(facts, makePolicy(deferred, 'from'))).toMatchObject({
      action: 'unchanged',
      isNews: false,
    })
  })

  it('leaves the destination alone when a reference is not coupled any more and nobody has edited it', () => {
    const cleared = makeMapping({
      fields: [
        {
          local: 'salesperson_code',
          remote: 'ownerid',
          clearOnFailedSync: true,
          reference: { mapping: 'SALESPEOPLE' },
        },
      ],
    })
    const local = makeRecord('local', { salesperson_code: 'JO' })
    const remote = makeRecord('remote', { ownerid: owner })
    const { coupling, bases } = makeCoupling(cleared, local, remote)
    const known = { ...coupling, references: { 'salesperson_code → ownerid': owner } }
    const facts = makeFacts(local, { coupling: known, bases, partner: remote })
    expect(planRecord(facts, makePolicy(cleared))).toMatchObject({ action: 'unchanged', isNews: false })
  })

  it('writes when the reference leads to another record now, although neither side was edited', () => {
    const single = makeMapping({
      fields: [
        {
          local: 'salesperson_code',
          remote: 'ownerid',
          direction: 'ToIntegrationTable',
          reference: { mapping: 'SALESPEOPLE' },
        },
      ],
    })
    const local = makeRecord('local', { salesperson_code: 'JO' })
    const remote = makeRecord('remote', { ownerid: 'uuid:00000000-0000-4000-8000-0000000000bb' })
    const { coupling, bases } = makeCoupling(single, local, remote)
    const known = {
      ...coupling,
      references: { 'salesperson_code → ownerid': 'uuid:00000000-0000-4000-8000-0000000000bb' },
    }
    const made = planRecord(
      makeFacts(local, { coupling: known, bases, partner: remote, references }),
      makePolicy(single),
    )
    expect(made).toMatchObject({ action: 'modify', values: { ownerid: owner } })
  })
})

describe('a record in doubt', () => {
  it('recognises its own late write instead of calling it a conflict', () => {
    const { coupling, bases, local, remote } = coupled({ ...base, phone: '2' }, { ...base, phone: '2' })
    const doubtful = [{ ...inDoubt, side: 'remote', values: { phone: 'text:2' } }] as const
    const plan = planRecord(
      makeFacts(local, { coupling, bases, partner: remote, doubtful }),
      makePolicy(mapping),
    )
    expect(plan).toMatchObject({
      action: 'unchanged',
      isNews: true,
      agreement: { recovered: { phone: 'text:1' } },
    })
  })

  it('recognises it when the destination has normalised the value', () => {
    const { coupling, bases, local, remote } = coupled({ ...base, city: 'Ribe' }, { ...base, city: 'RIBE' })
    const doubtful = [{ ...inDoubt, side: 'remote', values: { city: 'text:Ribe' } }] as const
    const plan = planRecord(
      makeFacts(local, { coupling, bases, partner: remote, doubtful }),
      makePolicy(mapping),
    )
    expect(plan).toMatchObject({ action: 'unchanged', agreement: { recovered: { city: 'text:Aarhus' } } })
  })

  it('overwrites a late write that landed after the source had moved on', () => {
    const { coupling, bases, local, remote } = coupled(base, { ...base, phone: '2' })
    const doubtful = [{ ...inDoubt, side: 'remote', values: { phone: 'text:2' } }] as const
    const plan = planRecord(
      makeFacts(local, { coupling, bases, partner: remote, doubtful }),
      makePolicy(mapping),
    )
    expect(plan).toMatchObject({ action: 'modify', values: { phone: 'text:1' } })
  })

  it('never carries its own late write back as if somebody had edited it', () => {
    const { coupling, bases, local, remote } = coupled(base, { ...base, phone: '2' })
    const doubtful = [{ ...inDoubt, side: 'remote', values: { phone: 'text:2' } }] as const
    const plan = planRecord(
      makeFacts(remote, { coupling, bases, partner: local, doubtful }),
      makePolicy(mapping, 'from'),
    )
    expect(plan).toMatchObject({ action: 'unchanged', isNews: false })
  })

  it('recognises the write of any earlier worker, not only of the last one', () => {
    const { coupling, bases, local, remote } = coupled({ ...base, phone: '3' }, { ...base, phone: '2' })
    const doubtful = [
      { ...inDoubt, side: 'remote', values: { phone: 'text:3' } },
      { ...inDoubt, side: 'remote', values: { phone: 'text:2' } },
    ] as const
    const plan = planRecord(
      makeFacts(local, { coupling, bases, partner: remote, doubtful }),
      makePolicy(mapping),
    )
    expect(plan).toMatchObject({ action: 'modify', values: { phone: 'text:3' } })
  })

  it('still sees a real edit of the destination as a conflict', () => {
    const { coupling, bases, local, remote } = coupled({ ...base, phone: '2' }, { ...base, phone: '8' })
    const doubtful = [{ ...inDoubt, side: 'remote', values: { phone: 'text:2' } }] as const
    const plan = planRecord(
      makeFacts(local, { coupling, bases, partner: remote, doubtful }),
      makePolicy(mapping),
    )
    expect(plan.action).toBe('conflict')
  })

  it('keeps an edit that was made after our lost creation for the other direction', () => {
    const partner = makeRecord('remote', { ...base, phone: '8' }, 'v2')
    const bases = { local: makeRecord('local', base).values, remote: makeRecord('remote', base).values }
    const plan = planAdoption(
      makeFacts(makeRecord('local', base), { bases, partner }),
      partner,
      makePolicy(mapping),
    )
    expect(plan).toMatchObject({
      action: 'couple',
      partner: { key: remoteKey },
      agreement: { left: new Set(['phone']) },
    })
  })
})

describe('a field whose destination has room only for the beginning', () => {
  const long = 'x'.repeat(90)
  const cut = long.slice(0, 80)
  const row = { local: 'name', remote: 'city', onTooLong: 'cut and warn' }
  const mapping = makeMapping({ fields: [row] })
  const given = (local: string, remote: string | null) => ({
    local: makeRecord('local', { name: local }),
    remote: makeRecord('remote', { city: remote }),
  })
  const before = given(long, cut)
  const coupled = (now: typeof before, direction: 'to' | 'from', version = 1) => {
    const facts = makeCoupling(mapping, before.local, before.remote)
    const [source, partner] = direction === 'to' ? [now.local, now.remote] : [now.remote, now.local]
    return planRecord(
      makeFacts(source, { ...facts, partner }),
      makePolicy(makeMapping({ fields: [row] }, version), direction),
    )
  }

  it('is no difference while the beginning is the same, whoever looks and whatever else has changed', () => {
    for (const direction of ['to', 'from'] as const) {
      expect(coupled(before, direction)).toMatchObject({ action: 'unchanged', isNews: false })
      expect(coupled(before, direction, 2)).toMatchObject({ action: 'unchanged' })
      const [source, partner] =
        direction === 'to' ? [before.local, before.remote] : [before.remote, before.local]
      const facts = makeFacts(source, {
        ...makeCoupling(mapping, before.local, before.remote),
        bases: null,
        partner,
      })
      expect(planRecord(facts, makePolicy(mapping, direction))).toMatchObject({ action: 'unchanged' })
    }
    expect(coupled(given(`${long}y`, cut), 'to')).toMatchObject({ action: 'unchanged', isNews: true })
  })

  it('is written with a warning when the beginning changes, and is a conflict when both sides have changed', () => {
    expect(coupled(given(`y${long}`, cut), 'to')).toMatchObject({
      action: 'modify',
      values: { city: `text:y${cut.slice(1)}` },
      agreement: { warnings: [{ code: 'VALUE_CUT', field: 'city' }] },
    })
    expect(coupled(given(`y${long}`, 'edited'), 'to')).toMatchObject({ action: 'conflict' })
    expect(coupled(given(`${long}y`, 'edited'), 'to')).toMatchObject({ action: 'conflict' })
  })

  it('gives way to an edit of the short side', () => {
    expect(coupled(given(long, 'edited'), 'from')).toMatchObject({
      action: 'modify',
      values: { name: 'text:edited' },
    })
  })
})

describe('a field joined from several', () => {
  const row = {
    local: 'name',
    remote: 'name',
    direction: 'ToIntegrationTable',
    transform: [{ concat: { fields: ['city'] } }],
  }
  const mapping = makeMapping({ fields: [row] })

  it('is written when any of them has changed, and only then', () => {
    const [local, remote] = [
      makeRecord('local', { name: 'Ann', city: 'Ribe' }),
      makeRecord('remote', { name: 'Ann Ribe' }),
    ]
    const facts = { ...makeCoupling(mapping, local, remote), partner: remote }
    const plan = (city: string) =>
      planRecord(makeFacts(makeRecord('local', { name: 'Ann', city }), facts), makePolicy(mapping))
    expect(plan('Ribe')).toMatchObject({ action: 'unchanged', isNews: false })
    expect(plan('Odense')).toMatchObject({ action: 'modify', values: { name: 'text:Ann Odense' } })
  })
})

describe('a new record', () => {
  it('is completed by its template, unless it has to wait or fails', () => {
    const templates = [
      { name: 'T', side: 'remote', filter: "city = 'Ribe'", values: { phone: '1', name: 'T' } },
    ]
    const mapping = makeMapping({ fields: [{ local: 'name', remote: 'name' }], templates })
    const plan = (city: string) =>
      planRecord(makeFacts(makeRecord('local', { name: 'Ann', city })), makePolicy(mapping, 'to', true))
    expect(plan('Ribe')).toMatchObject({ action: 'insert', values: { name: 'text:Ann', phone: 'text:1' } })
    expect(plan('Odense')).toEqual(
      expect.objectContaining({ action: 'insert', values: { name: 'text:Ann' } }),
    )
  })
})
