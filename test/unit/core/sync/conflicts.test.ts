import { describe, expect, it } from 'vitest'
import type { ConflictStrategy } from '../../../../src/core/mapping/conflict-strategy.ts'
import type { RecordSnapshot } from '../../../../src/core/ports/connector.ts'
import type { RecordFacts } from '../../../../src/core/sync/facts.ts'
import type { FieldChoice } from '../../../../src/core/sync/issue.ts'
import { planRecord } from '../../../../src/core/sync/plan.ts'
import { makeCoupling, makeFacts, makeMapping, makePolicy, makeRecord } from '../../../support/factories.ts'

const base = { name: 'Adatum', city: 'Aarhus', phone: '1', credit: 'dec:10' }
const fields = [
  { local: 'name', remote: 'name' },
  { local: 'city', remote: 'city' },
  { local: 'phone', remote: 'phone' },
  { local: 'credit', remote: 'credit' },
]

/** What both jobs plan for a pair whose sides have been edited like this. */
function plans(
  overrides: object,
  edits: {
    local?: object
    remote?: object
    localAt?: string
    remoteAt?: string
    facts?: Partial<RecordFacts>
  },
  pairBase: Record<string, string | null> = base,
) {
  const mapping = makeMapping({ fields, ...overrides })
  const { coupling, bases } = makeCoupling(
    mapping,
    makeRecord('local', pairBase),
    makeRecord('remote', pairBase),
  )
  const now = (
    side: 'local' | 'remote',
    edit: object = {},
    modifiedAt: string | null = null,
  ): RecordSnapshot => ({
    ...makeRecord(side, { ...pairBase, ...edit }, 'v2'),
    modifiedAt,
  })
  const local = now('local', edits.local, edits.localAt ?? null)
  const remote = now('remote', edits.remote, edits.remoteAt ?? null)
  const more = { coupling, bases, ...edits.facts }
  return {
    to: planRecord(makeFacts(local, { ...more, partner: remote }), makePolicy(mapping, 'to')),
    from: planRecord(makeFacts(remote, { ...more, partner: local }), makePolicy(mapping, 'from')),
  }
}

const writes = (values: object) => ({ action: 'modify', values })
const leaves = (field: string) => ({ action: 'unchanged', agreement: { left: new Set([field]) } })
const both = { local: { phone: '2' }, remote: { phone: '3' } }

describe('a field that both sides have changed', () => {
  it.each<[ConflictStrategy, 'local' | 'remote']>([
    ['local wins', 'local'],
    ['remote wins', 'remote'],
  ])('with "%s" is written by one job and left by the other', (updateConflict, winner) => {
    const { to, from } = plans({ updateConflict }, both)
    expect(to).toMatchObject(winner === 'local' ? writes({ phone: 'text:2' }) : leaves('phone'))
    expect(from).toMatchObject(winner === 'remote' ? writes({ phone: 'text:3' }) : leaves('phone'))
  })

  it.each([
    ['2024-05-01T10:00:00.000001Z', '2024-05-01T10:00:00.000000Z', 'local'],
    ['2024-05-01T10:00:00.000000Z', '2024-05-01T10:00:00.000001Z', 'remote'],
    ['2024-05-01T10:00:00.000000Z', '2024-05-01T10:00:00.000000Z', 'local'],
    ['2024-05-01T10:00:00.000000', '2024-05-01T11:00:00.000000Z', 'local'],
    [undefined, '2024-05-01T11:00:00.000000Z', 'local'],
  ])(
    'with "newest wins", changed at %s and %s, takes what is on the %s side',
    (localAt, remoteAt, winner) => {
      const times = { ...(localAt ? { localAt } : {}), ...(remoteAt ? { remoteAt } : {}) }
      const { to, from } = plans({ updateConflict: 'newest wins' }, { ...both, ...times })
      expect(to).toMatchObject(winner === 'local' ? writes({ phone: 'text:2' }) : leaves('phone'))
      expect(from).toMatchObject(winner === 'remote' ? writes({ phone: 'text:3' }) : leaves('phone'))
    },
  )

  it('with "fill empty" takes the value of the side that has one, and asks where both have', () => {
    const filled = { updateConflict: 'fill empty' }
    const emptied = plans(filled, { local: { phone: '' }, remote: { phone: '3' } })
    expect([emptied.to, emptied.from]).toMatchObject([leaves('phone'), writes({ phone: 'text:3' })])
    const other = plans(filled, { local: { phone: '2' }, remote: { phone: null } })
    expect([other.to, other.from]).toMatchObject([writes({ phone: 'text:2' }), leaves('phone')])
    expect(plans(filled, both).to.action).toBe('conflict')
  })

  it("follows its own strategy before the mapping's", () => {
    const own = fields.map((field) =>
      field.local === 'city' ? { ...field, conflict: 'remote wins' } : field,
    )
    const edits = { local: { phone: '2', city: 'Ribe' }, remote: { phone: '3', city: 'Skive' } }
    const { to, from } = plans({ updateConflict: 'local wins', fields: own }, edits)
    expect(to).toMatchObject({ ...writes({ phone: 'text:2' }), agreement: { left: new Set(['city']) } })
    expect(from).toMatchObject({ ...writes({ city: 'text:Skive' }), agreement: { left: new Set(['phone']) } })
  })

  it('asks with base, both values and both times', () => {
    const { to, from } = plans({}, { ...both, localAt: 'l', remoteAt: 'r' })
    const conflicts = [
      {
        local: { field: 'phone', base: 'text:1', value: 'text:2', modifiedAt: 'l' },
        remote: { field: 'phone', base: 'text:1', value: 'text:3', modifiedAt: 'r' },
      },
    ]
    expect([to, from]).toMatchObject([
      { action: 'conflict', conflicts },
      { action: 'conflict', conflicts },
    ])
  })

  it('that the loser cannot even convert is no error where the loser does not write', () => {
    const mapped = [
      { local: 'name', remote: 'name' },
      { local: 'terms', remote: 'terms', valueMap: { A: '1', B: '2' } },
    ]
    const edits = { local: { terms: 'X' }, remote: { terms: 'int:2' } }
    const pair = { name: 'n', terms: 'A' }
    expect(plans({ updateConflict: 'remote wins', fields: mapped }, edits, pair).to).toMatchObject(
      leaves('terms'),
    )
    expect(plans({ updateConflict: 'local wins', fields: mapped }, edits, pair).to).toMatchObject({
      action: 'fail',
      problem: { code: 'OPTION_NOT_MAPPED' },
    })
  })
})

describe('a decision about a conflict', () => {
  const choice = (take: FieldChoice['take'], changes: Partial<FieldChoice> = {}): Partial<RecordFacts> => ({
    resolution: {
      kind: 'conflict',
      id: '1',
      decidedBy: 'somebody',
      choices: [
        {
          local: { field: 'phone', seen: 'text:2' },
          remote: { field: 'phone', seen: 'text:3' },
          take,
          value: null,
          ...changes,
        },
      ],
    },
  })

  it('is carried out by the job of the direction it calls for', () => {
    const local = plans({}, { ...both, facts: choice('local') })
    expect([local.to, local.from]).toMatchObject([writes({ phone: 'text:2' }), leaves('phone')])
    const remote = plans({}, { ...both, facts: choice('remote') })
    expect([remote.to, remote.from]).toMatchObject([leaves('phone'), writes({ phone: 'text:3' })])
  })

  it('for a new value writes it to the remote side and leaves it there as a change to be carried back', () => {
    const given = plans({}, { ...both, facts: choice('value', { value: 'text:4' }) })
    expect(given.to).toMatchObject({
      ...writes({ phone: 'text:4' }),
      agreement: { rebased: { destination: { phone: 'text:2' } } },
    })
    expect(given.from).toMatchObject(leaves('phone'))
  })

  it('for a new value is never cut: the source would get back what is left of it', () => {
    const cutting = [{ local: 'name', remote: 'city', onTooLong: 'cut and warn' }]
    const long = `text:${'x'.repeat(90)}` as const
    const seen = {
      local: { field: 'name', seen: 'text:Ann' },
      remote: { field: 'city', seen: 'text:Ribe' },
    } as const
    const edits = { local: { name: 'Ann' }, remote: { city: 'Ribe' } }
    const facts = choice('value', { ...seen, value: long })
    expect(plans({ fields: cutting }, { ...edits, facts }).to).toMatchObject({
      action: 'fail',
      problem: { code: 'VALUE_TRUNCATED', field: 'name' },
    })
  })

  it('goes before the strategy of the field', () => {
    const { to } = plans({ updateConflict: 'local wins' }, { ...both, facts: choice('remote') })
    expect(to).toMatchObject(leaves('phone'))
  })

  it.each(['local', 'remote'] as const)('is asked again when the %s side has been changed since', (side) => {
    const stale = { [side]: { field: 'phone', seen: 'text:9' } }
    const { to } = plans({}, { ...both, facts: choice('local', stale) })
    expect(to).toMatchObject({
      action: 'conflict',
      problem: { message: expect.stringContaining('since it was decided') },
    })
  })
})

describe('a sum of changes', () => {
  const summed = { fields: [...fields.slice(0, 3), { ...fields[3], conflict: 'sum of changes' }] }

  it('adds what the source has changed and leaves the rest to be carried back', () => {
    const { to, from } = plans(summed, { local: { credit: 'dec:12.5' }, remote: { credit: 'dec:7' } })
    expect(to).toMatchObject({
      ...writes({ credit: 'dec:9.5' }),
      agreement: { rebased: { destination: { credit: 'dec:12.5' } } },
    })
    expect(from).toMatchObject({
      ...writes({ credit: 'dec:9.5' }),
      agreement: { rebased: { destination: { credit: 'dec:7' } } },
    })
  })

  it('counts equal changes twice', () => {
    const { to } = plans(summed, { local: { credit: 'dec:15' }, remote: { credit: 'dec:15' } })
    expect(to).toMatchObject(writes({ credit: 'dec:20' }))
  })

  it('that one of the fields cannot hold is a problem with the value, and nothing is written', () => {
    const edits = { local: { credit: 'dec:12.00001' }, remote: { credit: 'dec:11' } }
    expect(plans(summed, edits).from).toMatchObject({
      action: 'fail',
      problem: { code: 'VALUE_NOT_CONVERTIBLE', field: 'credit', value: '13.00001' },
    })
  })

  it('with a blank in it is asked about', () => {
    const { to } = plans(summed, { local: { credit: 'dec:12' }, remote: { credit: null } })
    expect(to.action).toBe('conflict')
  })

  const inDoubt = (isSettledOnce = false, values: object = { credit: 'dec:9.5' }): Partial<RecordFacts> => ({
    doubtful: [
      {
        side: 'remote',
        values: values as RecordFacts['source']['values'],
        expectedVersion: 'v1',
        sourceValues: { credit: 'dec:12.5' },
        isSettledOnce,
      },
    ],
  })

  it('is not counted again when our write has arrived and its commit has not', () => {
    const edits = { local: { credit: 'dec:12.5' }, remote: { credit: 'dec:9.5' }, facts: inDoubt() }
    const { to, from } = plans(summed, edits)
    expect(to).toMatchObject({
      action: 'unchanged',
      isNews: true,
      agreement: { rebased: { destination: { credit: 'dec:12.5' } } },
    })
    expect(from).toMatchObject(writes({ credit: 'dec:9.5' }))
  })

  it('counts what the source has changed since the write that has arrived', () => {
    const edits = { local: { credit: 'dec:13.5' }, remote: { credit: 'dec:9.5' }, facts: inDoubt() }
    expect(plans(summed, edits).to).toMatchObject(writes({ credit: 'dec:10.5' }))
  })

  it('is written when our write has not arrived', () => {
    const edits = { local: { credit: 'dec:12.5' }, remote: { credit: 'dec:7' }, facts: inDoubt() }
    expect(plans(summed, edits).to).toMatchObject(writes({ credit: 'dec:9.5' }))
  })

  it.each([false, true])(
    'is asked about when nothing tells whether it has arrived (settled once: %s)',
    (isSettled) => {
      const edits = { local: { credit: 'dec:12.5' }, remote: { credit: 'dec:8' }, facts: inDoubt(isSettled) }
      const nothing = { source: { credit: null }, destination: { credit: null } }
      expect(plans(summed, edits).to).toMatchObject({ action: 'conflict', agreement: { rebased: nothing } })
    },
  )

  it('is not in doubt while the record has the version that our write wants', () => {
    const doubtful = inDoubt(true).doubtful?.map((write) => ({ ...write, expectedVersion: 'v2' })) ?? []
    const edits = { local: { credit: 'dec:12.5' }, remote: { credit: 'dec:8' }, facts: { doubtful } }
    expect(plans(summed, edits).to).toMatchObject(writes({ credit: 'dec:10.5' }))
  })

  it('is not in doubt after a later holder of the lease has settled it and nothing has come since', () => {
    const { to } = plans(summed, { local: { credit: 'dec:14' }, facts: inDoubt(true) })
    expect(to).toMatchObject(writes({ credit: 'dec:14' }))
  })
})

describe('two records that have never agreed', () => {
  const first = (initialDirection: string | undefined, local: object, remote: object, more: object = {}) =>
    plans({ initialDirection, ...more }, { local, remote, facts: { bases: { local: {}, remote: {} } } })

  it.each([
    ['local is master', 'to'],
    ['remote is master', 'from'],
  ] as const)(
    'with "%s" are written by the %s job alone, whichever comes first',
    (initialDirection, direction) => {
      const all = first(initialDirection, { phone: '2' }, { phone: '3' })
      const [writing, leaving] = direction === 'to' ? [all.to, all.from] : [all.from, all.to]
      const [mine, theirs] = direction === 'to' ? ['text:2', 'text:3'] : ['text:3', 'text:2']
      expect(writing).toMatchObject(writes({ phone: mine }))
      expect(leaving).toMatchObject({
        action: 'unchanged',
        agreement: { rebased: { destination: { phone: theirs } } },
      })
    },
  )

  it('follow the job that comes first when nothing is said', () => {
    const { to, from } = first(undefined, { phone: '2' }, { phone: '3' })
    expect([to, from]).toMatchObject([writes({ phone: 'text:2' }), writes({ phone: 'text:3' })])
  })

  it('with "merge" fill each other, and ask with an empty base where both are filled', () => {
    const filled = first('merge', { phone: '', city: 'Ribe' }, { phone: '3', city: null })
    expect(filled.to).toMatchObject({
      ...writes({ city: 'text:Ribe' }),
      agreement: { rebased: { destination: { phone: null } } },
    })
    const differing = first('merge', { phone: '2' }, { phone: '3' })
    expect(differing.to).toMatchObject({
      action: 'conflict',
      conflicts: [{ local: { base: null, value: 'text:2' }, remote: { base: null, value: 'text:3' } }],
      agreement: { rebased: { source: { phone: null }, destination: { phone: null } } },
    })
  })

  it('with "couple only" are taken as they are', () => {
    const { to } = first('couple only', { phone: '2' }, { phone: '3' })
    expect(to).toMatchObject({
      action: 'unchanged',
      isNews: true,
      agreement: { left: new Set(), rebased: { destination: {} } },
    })
  })
})

describe('a record that a person sends across (domain.md §12.2)', () => {
  const sent = { sourceWins: true }

  it.each(['Ask', 'local wins', 'remote wins', 'sum of changes'])(
    'wins in either direction where both sides have changed a field, whatever its strategy (%s)',
    (strategy) => {
      const conflict = strategy === 'Ask' ? {} : { conflict: strategy }
      const own = { fields: [...fields.slice(0, 3), { ...fields[3], ...conflict }] }
      const edits = { local: { credit: 'dec:12.5' }, remote: { credit: 'dec:7' }, facts: sent }
      const { to, from } = plans(own, edits)
      expect(to).toMatchObject(writes({ credit: 'dec:12.5' }))
      expect(from).toMatchObject(writes({ credit: 'dec:7' }))
    },
  )

  it('leaves what only the other side has changed to the job of that direction', () => {
    const { to } = plans({}, { local: { city: 'Ribe' }, remote: { phone: '3' }, facts: sent })
    expect(to).toEqual(expect.objectContaining(writes({ city: 'text:Ribe' })))
    expect(to).toMatchObject({ agreement: { left: new Set(['phone']) } })
  })

  it.each(['remote is master', 'merge', 'couple only'])(
    'wins over the initial direction of two records that have never agreed (%s)',
    (initialDirection) => {
      const facts = { ...sent, bases: { local: {}, remote: {} } }
      const { to } = plans({ initialDirection }, { ...both, facts })
      expect(to).toMatchObject(writes({ phone: 'text:2' }))
    },
  )
})
