import { describe, expect, it } from 'vitest'
import { planRecord } from '../../../../src/core/sync/plan.ts'
import { settleCoupling } from '../../../../src/core/sync/settle.ts'
import { present } from '../../../../src/lib/assert.ts'
import { makeCoupling, makeFacts, makeMapping, makePolicy, makeRecord } from '../../../support/factories.ts'

const fields = [
  { local: 'name', remote: 'name' },
  { local: 'city', remote: 'city' },
  { local: 'credit', remote: 'credit', conflict: 'sum of changes' },
]
const base = { name: 'Adatum', city: 'Aarhus', credit: 'dec:10', currency_code: '', currencyid: null }

interface Sides {
  readonly local?: object
  readonly remote?: object
  /** Versions that are other than those of the backup. */
  readonly moved?: readonly ('local' | 'remote')[]
  readonly mapping?: object
  readonly hasBases?: boolean
}

/** What both jobs plan for a pair that is known from a backup, and whose sides hold this by now. */
function plans({ local, remote, moved = ['local', 'remote'], mapping: overrides, hasBases = true }: Sides) {
  const mapping = makeMapping({ fields, ...overrides })
  const made = makeCoupling(mapping, makeRecord('local', base), makeRecord('remote', base))
  const now = (side: 'local' | 'remote', edit: object = {}) =>
    moved.includes(side)
      ? makeRecord(side, { ...base, ...edit }, 'v2')
      : makeRecord(side, { ...base, ...edit })
  const more = {
    coupling: { ...made.coupling, isRestored: true },
    bases: hasBases ? made.bases : { local: {}, remote: {} },
  }
  const [here, there] = [now('local', local), now('remote', remote)]
  const facts = {
    to: makeFacts(here, { ...more, partner: there }),
    from: makeFacts(there, { ...more, partner: here }),
  }
  const to = planRecord(facts.to, makePolicy(mapping, 'to'))
  return { mapping, facts, to, from: planRecord(facts.from, makePolicy(mapping, 'from')) }
}

/** The coupling after the first job, which may have changed more by the way than it has written. */
function settled({ to, facts, mapping }: ReturnType<typeof plans>, byTheWay: readonly string[] = []) {
  if (to.action !== 'unchanged' && to.action !== 'modify') throw new Error('nothing is agreed')
  return settleCoupling({
    mapping,
    direction: 'to',
    source: facts.to.source,
    destination: to.partner,
    coupling: facts.to.coupling,
    bases: facts.to.bases,
    agreement: { ...to.agreement, left: new Set([...to.agreement.left, ...byTheWay]) },
    generation: 0,
    jobId: 1,
  })
}

const conflictIn = (...names: string[]) => ({
  action: 'conflict',
  conflicts: names.map((name) =>
    expect.objectContaining({ local: expect.objectContaining({ field: name }) }),
  ),
})

describe('a pair of a restored store', () => {
  it.each([
    ['to there and put back there', { local: { city: 'Odense' } }],
    ['to here and put back here', { remote: { city: 'Odense' } }],
  ])('P4: whose value was brought %s since is in conflict, and nothing is overwritten', (_, sides) => {
    const { to, from } = plans(sides)
    expect(to).toMatchObject(conflictIn('city'))
    expect(from).toMatchObject(conflictIn('city'))
  })

  it('is settled by the strategy of the field in both jobs', () => {
    const all = plans({ local: { city: 'Odense' }, mapping: { updateConflict: 'remote wins' } })
    const { to, from } = all
    expect(to).toMatchObject({ action: 'unchanged', agreement: { left: new Set(['city']) } })
    expect(from).toMatchObject({ action: 'modify', values: { city: 'text:Aarhus' } })
    // What the first job leaves to the second one must not look there as if only one side had moved.
    const left = settled(all)
    expect(left).toMatchObject({ isRestored: true, local: { version: null }, remote: { version: null } })
  })

  it('adds nothing up that may have been counted already', () => {
    const both = { credit: 'dec:15' }
    expect(plans({ local: both, remote: both }).to).toMatchObject({ action: 'unchanged', isNews: true })
    expect(plans({ local: both, remote: { credit: 'dec:12' } }).to).toMatchObject(conflictIn('credit'))
  })

  it('of which only one side has moved is judged like any other', () => {
    const { to } = plans({ local: { city: 'Odense' }, moved: ['local'] })
    expect(to).toMatchObject({ action: 'modify', values: { city: 'text:Odense' } })
  })

  it.each(['ask', 'local wins'])('P4: whose edit was made there only gets it here (%s)', (updateConflict) => {
    const all = plans({ remote: { city: 'Odense' }, moved: ['remote'], mapping: { updateConflict } })
    const { to, facts, mapping } = all
    expect(to).toMatchObject({ action: 'unchanged', agreement: { left: new Set(['city']) } })
    const left = settled(all)
    expect(left).toMatchObject({ isRestored: false, local: { version: 'v1' }, remote: { version: null } })
    const after = {
      coupling: { ...present(facts.to.coupling, 'the coupling'), ...left, id: 1 },
      bases: left.bases,
    }
    const from = planRecord({ ...facts.from, ...after }, makePolicy(mapping, 'from'))
    expect(from).toMatchObject({ action: 'modify', values: { city: 'text:Odense' } })
  })

  it('is not in question in what a write changes by the way', () => {
    const written = plans({ local: { city: 'Odense' }, mapping: { updateConflict: 'local wins' } })
    expect(written.to).toMatchObject({ action: 'modify' })
    expect(settled(written, ['name'])).toMatchObject({ isRestored: false, local: { version: 'v2' } })
  })

  it('is agreed in a reference that both sides leave blank, and that may not be emptied', () => {
    const currency = {
      local: 'currency_code',
      remote: 'currencyid',
      reference: { mapping: 'CURRENCY' },
      notNull: true,
    }
    const both = plans({ mapping: { fields: [...fields, currency] } })
    expect(settled(both)).toMatchObject({ isRestored: false, remote: { version: 'v2' } })
  })

  it('is like any other from the first agreement on, which is noted even where no value has moved', () => {
    const all = plans({})
    expect(all.to).toMatchObject({ action: 'unchanged', isNews: true })
    const agreed = settled(all)
    expect(agreed).toMatchObject({ isRestored: false, local: { version: 'v2' }, remote: { version: 'v2' } })
  })

  it('without bases, coupled again: a blank side is filled, and of two values none wins by itself', () => {
    const blank = plans({ local: { city: '' }, remote: { city: 'Odense' }, hasBases: false })
    expect(blank.from).toMatchObject({ action: 'modify', values: { city: 'text:Odense' } })
    // The base that the first job makes for the second one is as new as both sides.
    expect(settled(blank)).toMatchObject({ isRestored: false, bases: { remote: { city: null } } })
    const other = plans({ local: { city: 'Aarhus' }, remote: { city: 'Odense' }, hasBases: false })
    expect(other.to).toMatchObject(conflictIn('city'))
  })
})
