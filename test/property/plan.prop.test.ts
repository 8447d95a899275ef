import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Coupling, CouplingBases, CouplingWrite } from '../../src/core/coupling/coupling.ts'
import type { CompiledMapping } from '../../src/core/mapping/compile.ts'
import type { RecordSnapshot } from '../../src/core/ports/connector.ts'
import { planRecord, type RecordPlan } from '../../src/core/sync/plan.ts'
import { settleCoupling } from '../../src/core/sync/settle.ts'
import { text, type Values } from '../../src/core/values/value.ts'
import { makeFacts, makeMapping, makePolicy, makeRecord } from '../support/factories.ts'

const fields = ['name', 'city', 'phone'] as const
type Field = (typeof fields)[number]

/** Two records, the coupling between them, and a remote system that stores cities in capitals. */
class Pair {
  readonly mapping: CompiledMapping = makeMapping()
  local = makeRecord('local', { name: 'n', city: 'C', phone: 'p' })
  remote: RecordSnapshot | null = null
  coupling: Coupling | null = null
  bases: CouplingBases | null = null
  writes = 0
  #version = 1

  edit(side: 'local' | 'remote', field: Field, value: string): void {
    const record = this[side]
    if (record)
      this[side] = this.#changed(record, {
        [field]: text(side === 'remote' && field === 'city' ? value.toUpperCase() : value),
      })
  }

  /** One job: ask the rule, carry it out, remember. */
  run(direction: 'to' | 'from'): RecordPlan | null {
    const source = direction === 'to' ? this.local : this.remote
    const partner = direction === 'to' ? this.remote : this.local
    if (source === null) return null
    const facts = makeFacts(source, {
      coupling: this.coupling,
      bases: this.bases,
      partner: this.coupling ? partner : null,
    })
    const plan = planRecord(facts, makePolicy(this.mapping, direction, true))
    const destination = this.#carryOut(direction, plan)
    if (destination && 'agreement' in plan && plan.agreement)
      this.#remember(direction, source, destination, plan.agreement)
    return plan
  }

  #carryOut(direction: 'to' | 'from', plan: RecordPlan): RecordSnapshot | null {
    if (plan.action === 'unchanged') return plan.partner
    if (plan.action !== 'insert' && plan.action !== 'modify') return null
    this.writes += 1
    const side = direction === 'to' ? 'remote' : 'local'
    const stored = { ...plan.values }
    if (side === 'remote' && stored['city'])
      stored['city'] = stored['city'].toUpperCase().replace('TEXT:', 'text:') as `text:${string}`
    const before = plan.action === 'modify' ? plan.partner : makeRecord(side, {})
    this[side] = this.#changed(before, stored)
    return this[side]
  }

  #remember(
    direction: 'to' | 'from',
    source: RecordSnapshot,
    destination: RecordSnapshot,
    agreement: Parameters<typeof settleCoupling>[0]['agreement'],
  ): void {
    const { mapping, coupling, bases } = this
    const write: CouplingWrite = settleCoupling({
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
    this.coupling = { ...write, id: 1, mappingId: mapping.id }
    this.bases = write.bases
  }

  #changed(record: RecordSnapshot, values: Values): RecordSnapshot {
    this.#version += 1
    return { ...record, version: `v${this.#version}`, values: { ...record.values, ...values } }
  }
}

const edit = fc.record({
  side: fc.constantFrom('local', 'remote'),
  field: fc.constantFrom(...fields),
  value: fc.constantFrom('a', 'b', 'C'),
})

const same = (pair: Pair): boolean =>
  fields.every(
    (field) => pair.local.values[field]?.toUpperCase() === pair.remote?.values[field]?.toUpperCase(),
  )

it('P4, P5: edits between two passes all arrive or are a conflict, and a second pass writes nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.array(edit, { maxLength: 4 }), { minLength: 1, maxLength: 5 }), (history) => {
      const pair = new Pair()
      pair.run('to')
      pair.run('from')
      for (const edits of history) {
        const before = { local: pair.local.values, remote: pair.remote?.values ?? {} }
        for (const { side, field, value } of edits) pair.edit(side, field, value)
        const edited = { local: pair.local.values, remote: pair.remote?.values ?? {} }
        const plans = [pair.run('to'), pair.run('from')]
        if (plans.some((plan) => plan?.action === 'conflict')) {
          expect(isRealConflict(before, edited)).toBe(true)
          for (const field of fields)
            pair.edit('local', field, (pair.remote?.values[field] ?? '').slice('text:'.length))
          pair.run('to')
          pair.run('from')
        }
        expect(same(pair)).toBe(true)
        const writes = pair.writes
        pair.run('to')
        pair.run('from')
        expect(pair.writes).toBe(writes)
      }
    }),
    { numRuns: 2_000 },
  )
})

function isRealConflict(
  before: { local: Values; remote: Values },
  after: { local: Values; remote: Values },
): boolean {
  return fields.some(
    (field) =>
      after.local[field] !== before.local[field] &&
      after.remote[field] !== before.remote[field] &&
      after.local[field] !== after.remote[field],
  )
}

it('a field edited on one side only has that value on both sides afterwards', () => {
  fc.assert(
    fc.property(fc.constantFrom(...fields), fc.constantFrom(...fields), (localField, remoteField) => {
      fc.pre(localField !== remoteField)
      const pair = new Pair()
      pair.run('to')
      pair.edit('local', localField, 'L')
      pair.edit('remote', remoteField, 'R')
      pair.run('to')
      pair.run('from')
      for (const record of [pair.local, pair.remote]) {
        expect(record?.values).toMatchObject({ [localField]: 'text:L', [remoteField]: 'text:R' })
      }
    }),
  )
})
