import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Coupling, CouplingBases } from '../../src/core/coupling/coupling.ts'
import type { JobDirection, Side } from '../../src/core/mapping/definition.ts'
import { destinationSide, sourceSide } from '../../src/core/mapping/definition.ts'
import type { RecordSnapshot } from '../../src/core/ports/connector.ts'
import type { DoubtfulWrite, RecordFacts } from '../../src/core/sync/facts.ts'
import { type Agreement, planRecord } from '../../src/core/sync/plan.ts'
import { settleCoupling } from '../../src/core/sync/settle.ts'
import type { Values } from '../../src/core/values/value.ts'
import { makeCoupling, makeFacts, makeMapping, makePolicy, makeRecord } from '../support/factories.ts'

const mapping = makeMapping({ fields: [{ local: 'credit', remote: 'credit', conflict: 'sum of changes' }] })
const START = 1_000_000

type Fate = 'commit' | 'dies before writing' | 'dies after writing' | 'freezes before writing'

interface Intent {
  readonly direction: JobDirection
  readonly write: DoubtfulWrite
  /** The worker that froze before sending it may still do so. */
  readonly mayArrive: boolean
}

/** A quantity on both sides, workers that die or freeze at any step, and a person who knows the true sum when asked. */
class Stock {
  truth = START
  asked = 0
  writes = 0
  intents: Intent[] = []
  records: Record<Side, RecordSnapshot>
  #coupling: Coupling
  #bases: CouplingBases
  #version = 1
  #isOpen = false

  constructor() {
    const value = { credit: `dec:${START}` }
    this.records = { local: makeRecord('local', value), remote: makeRecord('remote', value) }
    const made = makeCoupling(mapping, this.records.local, this.records.remote)
    this.#coupling = made.coupling
    this.#bases = made.bases
  }

  amount(side: Side): number {
    return Number(this.records[side].values['credit']?.slice('dec:'.length))
  }

  edit(side: Side, change: number): void {
    this.truth += change
    this.#store(side, { credit: `dec:${this.amount(side) + change}` })
  }

  /** Recovery in both directions, then one job. */
  run(direction: JobDirection, fate: Fate): void {
    for (const each of ['to', 'from'] as const)
      if (this.intents.some((intent) => intent.direction === each)) this.#job(each, 'commit')
    this.intents = this.intents
      .filter(({ write }) => this.records[write.side].version === write.expectedVersion)
      .map((each) => ({ ...each, write: { ...each.write, isSettledOnce: true } }))
    if (this.#isOpen) this.#decide()
    this.#job(direction, fate)
    if (this.#isOpen) this.#decide()
  }

  thaw(index: number): void {
    const intent = this.intents[index % Math.max(this.intents.length, 1)]
    if (!intent?.mayArrive) return
    this.intents = this.intents.map((each) => (each === intent ? { ...each, mayArrive: false } : each))
    if (this.records[intent.write.side].version === intent.write.expectedVersion)
      this.#store(intent.write.side, intent.write.values)
  }

  /** Nothing can arrive any more: the last look at the intents, then one quiet run. */
  settle(): void {
    this.intents = this.intents.map((each) => ({ ...each, mayArrive: false }))
    this.run('to', 'commit')
    this.intents = []
    for (const direction of ['to', 'from'] as const) this.run(direction, 'commit')
  }

  #facts(direction: JobDirection, resolution: RecordFacts['resolution'] = null): RecordFacts {
    return makeFacts(this.records[sourceSide[direction]], {
      coupling: this.#coupling,
      bases: this.#bases,
      partner: this.records[destinationSide[direction]],
      doubtful: this.intents.map(({ write }) => write),
      resolution,
    })
  }

  #job(direction: JobDirection, fate: Fate): void {
    const plan = planRecord(this.#facts(direction), makePolicy(mapping, direction))
    if (plan.action === 'conflict') this.#ask(direction, plan.agreement)
    else if (plan.action === 'modify') this.#write(direction, plan.values, plan.agreement, fate)
    else if (plan.action === 'unchanged') this.#commit(direction, plan.agreement)
    else throw new Error(plan.action)
  }

  #write(direction: JobDirection, values: Values, agreement: Agreement, fate: Fate): void {
    const side = destinationSide[direction]
    const source = this.records[sourceSide[direction]]
    if (fate !== 'commit') {
      const write = {
        side,
        values,
        expectedVersion: this.records[side].version,
        sourceValues: source.values,
        isSettledOnce: false,
      }
      this.intents.unshift({ direction, write, mayArrive: fate === 'freezes before writing' })
    }
    if (fate === 'commit' || fate === 'dies after writing') {
      this.writes += 1
      this.#store(side, values)
    }
    if (fate === 'commit') this.#commit(direction, agreement)
  }

  #ask(direction: JobDirection, agreement: Agreement | null): void {
    this.asked += 1
    this.#isOpen = true
    if (agreement) this.#commit(direction, agreement)
  }

  /** The person sees both values and enters what is right. */
  #decide(): void {
    this.#isOpen = false
    const { local, remote } = this.records
    const choice = {
      local: { field: 'credit', seen: local.values['credit'] ?? null },
      remote: { field: 'credit', seen: remote.values['credit'] ?? null },
      take: 'value',
      value: `dec:${this.truth}`,
    } as const
    const resolution = { kind: 'conflict', id: '1', decidedBy: 'somebody', choices: [choice] } as const
    for (const each of ['to', 'from'] as const) {
      const plan = planRecord(this.#facts(each, resolution), makePolicy(mapping, each))
      if (plan.action === 'modify') this.#write(each, plan.values, plan.agreement, 'commit')
      else if (plan.action === 'unchanged') this.#commit(each, plan.agreement)
      else throw new Error(`A decision was not applied: ${plan.action}`)
    }
  }

  #commit(direction: JobDirection, agreement: Agreement): void {
    const write = settleCoupling({
      mapping,
      direction,
      source: this.records[sourceSide[direction]],
      destination: this.records[destinationSide[direction]],
      coupling: this.#coupling,
      bases: this.#bases,
      agreement,
      generation: 0,
      jobId: 1,
    })
    this.#coupling = { ...write, id: 1, mappingId: mapping.id }
    this.#bases = write.bases
  }

  #store(side: Side, values: Values): void {
    this.#version += 1
    const record = this.records[side]
    this.records[side] = { ...record, version: `v${this.#version}`, values: { ...record.values, ...values } }
  }
}

/** Never small, and not shrunk: two different histories must not end in one amount by chance. */
const change = fc.noShrink(fc.noBias(fc.integer({ min: -900_000_000, max: 900_000_000 })))
const side = fc.constantFrom<Side>('local', 'remote')
const direction = fc.constantFrom<JobDirection>('to', 'from')
const edit = fc.record({ kind: fc.constant('edit' as const), side, change })
const job = fc.record({ kind: fc.constant('run' as const), direction, fate: fc.constant<Fate>('commit') })
const crash = fc.record({
  kind: fc.constant('run' as const),
  direction,
  fate: fc.constantFrom<Fate>('dies before writing', 'dies after writing', 'freezes before writing'),
})
const thaw = fc.record({ kind: fc.constant('thaw' as const), index: fc.nat(3) })
type Step =
  | { readonly kind: 'edit'; readonly side: Side; readonly change: number }
  | { readonly kind: 'run'; readonly direction: JobDirection; readonly fate: Fate }
  | { readonly kind: 'thaw'; readonly index: number }

function play(steps: readonly Step[]): Stock {
  const stock = new Stock()
  for (const step of steps) {
    if (step.kind === 'edit') stock.edit(step.side, step.change)
    else if (step.kind === 'run') stock.run(step.direction, step.fate)
    else stock.thaw(step.index)
  }
  stock.settle()
  return stock
}

function expectSum(stock: Stock): void {
  expect([stock.amount('local'), stock.amount('remote')]).toEqual([stock.truth, stock.truth])
  const { writes } = stock
  stock.settle()
  expect(stock.writes).toBe(writes)
}

it('P4, P5: whatever is edited between the jobs, both sides end with the start plus all changes, unasked', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(edit, job), { maxLength: 20 }), (steps) => {
      const stock = play(steps)
      expectSum(stock)
      expect(stock.asked).toBe(0)
    }),
    { numRuns: 3_000 },
  )
})

it('P3, P4: workers that die or freeze around a write lose no change and count none twice; what is unclear is asked', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(edit, job, crash, thaw), { maxLength: 24 }), (steps) => {
      expectSum(play(steps))
    }),
    { numRuns: 6_000 },
  )
})

it('nothing is asked after a crash when nobody has edited the record before the next run', () => {
  const death = fc.constantFrom<Fate>('dies before writing', 'dies after writing')
  const round = fc.tuple(fc.array(edit, { maxLength: 3 }), direction, death)
  fc.assert(
    fc.property(fc.array(round, { maxLength: 8 }), (rounds) => {
      const stock = new Stock()
      for (const [edits, way, fate] of rounds) {
        for (const each of edits) stock.edit(each.side, each.change)
        stock.run(way, fate)
        stock.settle()
      }
      expectSum(stock)
      expect(stock.asked).toBe(0)
    }),
    { numRuns: 2_000 },
  )
})
