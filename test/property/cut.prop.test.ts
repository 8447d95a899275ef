import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Coupling, CouplingBases } from '../../src/core/coupling/coupling.ts'
import { planRecord } from '../../src/core/sync/plan.ts'
import { settleCoupling } from '../../src/core/sync/settle.ts'
import { text } from '../../src/core/values/value.ts'
import { makeFacts, makeMapping, makePolicy, makeRecord } from '../support/factories.ts'

/** The remote field takes 80 characters. */
const cut = (value: string) => Array.from(value).slice(0, 80).join('')
const longs = [
  'x'.repeat(79),
  `${'x'.repeat(80)} tail`,
  `${'x'.repeat(80)} other`,
  '😀'.repeat(81),
  'y'.repeat(99),
  '',
]
const fields = [{ local: 'name', remote: 'city', onTooLong: 'cut and warn' }]

/** One coupled pair: what each side holds, and what the engine remembers. */
interface State {
  local: string
  remote: string
  coupling: Coupling | null
  bases: CouplingBases | null
  version: number
  writes: number
}

/** One job of one direction; true when it ends in a conflict. */
function run(state: State, direction: 'to' | 'from'): boolean {
  const mapping = makeMapping({ fields }, state.version)
  const snapshots = () => ({
    local: makeRecord('local', { name: text(state.local) }, state.local),
    remote: makeRecord('remote', { city: state.remote === '' ? null : text(state.remote) }, state.remote),
  })
  const { local, remote } = snapshots()
  const [source, partner] = direction === 'to' ? [local, remote] : [remote, local]
  const { coupling, bases } = state
  const plan = planRecord(makeFacts(source, { coupling, bases, partner }), makePolicy(mapping, direction))
  if (plan.action === 'modify') {
    state.writes += 1
    const [value] = Object.values(plan.values)
    state[direction === 'to' ? 'remote' : 'local'] = (value ?? 'text:').slice('text:'.length)
  } else if (plan.action !== 'unchanged') return plan.action === 'conflict'
  const destination = snapshots()[direction === 'to' ? 'remote' : 'local']
  const { agreement } = plan
  const write = settleCoupling({
    mapping,
    direction,
    source,
    destination,
    coupling,
    bases,
    agreement,
    generation: 0,
    jobId: 1,
  })
  state.coupling = { ...write, id: 1, mappingId: mapping.id }
  state.bases = write.bases
  return false
}

/** Usually To comes first; a request by key may run alone. */
const orders = fc.constantFrom(['to', 'from'] as const, ['from', 'to'] as const)
const edit = fc.record(
  {
    local: fc.constantFrom(...longs),
    remote: fc.constantFrom('edited', ...longs.map(cut)),
    newVersion: fc.boolean(),
    order: orders,
  },
  { requiredKeys: ['newVersion', 'order'] },
)

it('P4, P5: a cut text never comes back over the long one, and a second pass writes nothing', () => {
  fc.assert(
    fc.property(orders, fc.array(edit, { minLength: 1, maxLength: 6 }), (firstOrder, history) => {
      const [, first = ''] = longs
      const side = (key: string) => ({
        key,
        reference: key,
        version: null,
        modifiedAt: null,
        fingerprint: null,
      })
      const coupling = {
        id: 1,
        mappingId: 7,
        local: side('l'),
        remote: side('r'),
        references: {},
        swings: {},
        mappingVersion: 1,
        generation: 0,
        isRestored: false,
      }
      const state: State = { local: first, remote: cut(first), coupling, bases: null, version: 1, writes: 0 }
      for (const direction of firstOrder) run(state, direction)
      expect(state.local).toBe(first)
      for (const { local, remote, newVersion, order } of history) {
        const before = { local: state.local, remote: state.remote }
        state.local = local ?? state.local
        state.remote = remote ?? state.remote
        if (newVersion) state.version += 1
        const edited = state.local
        const isRemoteEdit = state.remote !== before.remote
        if (order.some((direction) => run(state, direction))) {
          expect([isRemoteEdit, edited !== before.local]).toEqual([true, true])
          return
        }
        expect(state.remote).toBe(cut(state.local))
        if (!isRemoteEdit) expect(state.local).toBe(edited)
        const { writes } = state
        run(state, 'to')
        run(state, 'from')
        expect(state.writes).toBe(writes)
      }
    }),
    { numRuns: 2_000 },
  )
})
