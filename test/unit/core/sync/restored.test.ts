import { describe, expect, it } from 'vitest'
import { planRecord } from '../../../../src/core/sync/plan.ts'
import { settleCoupling } from '../../../../src/core/sync/settle.ts'
import { makeCoupling, makeFacts, makeMapping, makePolicy, makeRecord } from '../../../support/factories.ts'

const fields = [
  { local: 'name', remote: 'name' },
  { local: 'city', remote: 'city' },
  { local: 'credit', remote: 'credit', conflict: 'sum of changes' },
]
const base = { name: 'Adatum', city: 'Aarhus', credit: 'dec:10' }

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

/** The coupling after a job that has written nothing. */
function settled({ to, facts, mapping }: Pick<ReturnType<typeof plans>, 'to' | 'facts' | 'mapping'>) {
  if (to.action !== 'unchanged') throw new Error('something is written')
  return settleCoupling({
    mapping,
    direction: 'to',
    source: facts.to.source,
    destination: to.partner,
    coupling: facts.to.coupling,
    bases: facts.to.bases,
    agreement: to.agreement,
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
    const { to, from, facts, mapping } = plans({
      local: { city: 'Odense' },
      mapping: { updateConflict: 'remote wins' },
    })
    expect(to).toMatchObject({ action: 'unchanged', agreement: { left: new Set(['city']) } })
    expect(from).toMatchObject({ action: 'modify', values: { city: 'text:Aarhus' } })
    // What the first job leaves to the second one must not look there as if only one side had moved.
    const left = settled({ to, facts, mapping })
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

  it('is like any other from the first agreement on, which is noted even where no value has moved', () => {
    const { to, facts, mapping } = plans({})
    expect(to).toMatchObject({ action: 'unchanged', isNews: true })
    const agreed = settled({ to, facts, mapping })
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
