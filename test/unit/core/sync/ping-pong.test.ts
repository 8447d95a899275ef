import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JobDirection } from '../../../../src/core/mapping/definition.ts'
import { nextSwing, type Swing } from '../../../../src/core/sync/ping-pong.ts'
import { planRecord, type RecordPlan } from '../../../../src/core/sync/plan.ts'
import { settleCoupling } from '../../../../src/core/sync/settle.ts'
import { makeCoupling, makeFacts, makeMapping, makePolicy, makeRecord } from '../../../support/factories.ts'

/** One field of a pair, edited on one side after the other, each edit carried across by the job of its direction. */
class Field {
  readonly mapping
  values = { local: '0', remote: '0' }
  #coupling
  #bases

  constructor(mapping = makeMapping({ fields: [{ local: 'phone', remote: 'phone' }] })) {
    this.mapping = mapping
    const made = makeCoupling(mapping, this.#record('local'), this.#record('remote'))
    this.#coupling = made.coupling
    this.#bases = made.bases
  }

  edit(side: 'local' | 'remote', value: string, isReleased = false): RecordPlan {
    const before = this.values
    this.values = { ...before, [side]: value }
    const direction: JobDirection = side === 'local' ? 'to' : 'from'
    const other = side === 'local' ? 'remote' : 'local'
    const facts = makeFacts(this.#record(side), {
      coupling: this.#coupling,
      bases: this.#bases,
      partner: this.#record(other),
      isReleased,
    })
    const plan = planRecord(facts, makePolicy(this.mapping, direction))
    if (plan.action !== 'modify') return plan
    this.values = { local: value, remote: value }
    const write = settleCoupling({
      mapping: this.mapping,
      direction,
      source: this.#record(side),
      destination: this.#record(other),
      coupling: this.#coupling,
      bases: this.#bases,
      agreement: plan.agreement,
      generation: 0,
      jobId: 1,
    })
    this.#coupling = { ...write, id: 1, mappingId: 7 }
    this.#bases = write.bases
    return plan
  }

  #record(side: 'local' | 'remote') {
    return makeRecord(side, { phone: this.values[side] })
  }
}

function swing(field: Field, times: number): RecordPlan[] {
  return Array.from({ length: times }, (_, index) =>
    index % 2 === 0 ? field.edit('local', 'A') : field.edit('remote', 'B'),
  )
}

describe('a field that both sides keep changing back', () => {
  it('is written as often as the limit says, and then its record is set aside', () => {
    const plans = swing(new Field(), 7)
    // The first two writes bring A and B; each of the next four brings one of them back.
    expect(plans.map(({ action }) => action)).toEqual([...Array(6).fill('modify'), 'skip'])
    expect(plans.at(-1)).toMatchObject({
      problem: {
        code: 'PING_PONG',
        field: 'phone',
        value: 'A',
        message:
          "phone ↔ phone has gone back and forth 4 times: local customer keeps writing 'A', remote account keeps writing 'B'",
      },
    })
  })

  it('stays set aside until a person releases it, and then begins anew', () => {
    const field = new Field()
    swing(field, 7)
    expect(field.edit('local', 'A').action).toBe('skip')
    expect(field.edit('local', 'A', true).action).toBe('modify')
    expect(field.edit('remote', 'B').action).toBe('modify')
  })

  it('is free again as soon as anybody enters another value', () => {
    const field = new Field()
    swing(field, 7)
    expect(field.edit('local', 'C').action).toBe('modify')
    expect(field.edit('remote', 'B').action).toBe('modify')
  })

  it('is never set aside with the limit 0', () => {
    const fields = [{ local: 'phone', remote: 'phone' }]
    const plans = swing(new Field(makeMapping({ pingPongLimit: 0, fields })), 20)
    expect(plans.filter(({ action }) => action !== 'modify')).toEqual([])
  })

  it('is not what people do who correct their own side again and again', () => {
    const field = new Field()
    const plans = ['A', 'B', 'A', 'B', 'A', 'B', 'A', 'B'].map((value) => field.edit('local', value))
    expect(plans.filter(({ action }) => action !== 'modify')).toEqual([])
  })

  it('is nothing but an unbroken chain of returns: any other value or order begins anew', () => {
    const edit = fc.record({ to: fc.boolean(), value: fc.constantFrom('A', 'B', 'C') })
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 20 }), (edits) => {
        let last: Swing | undefined
        let held = '0'
        const history: { to: boolean; before: string; after: string }[] = []
        for (const { to, value } of edits) {
          if (value === held) continue
          last = nextSwing(last, to ? 'to' : 'from', `text:${value}`, `text:${held}`)
          history.push({ to, before: held, after: value })
          held = value
          let chain = 0
          for (let index = history.length - 1; index > 0; index -= 1) {
            const [write, earlier] = [history[index], history[index - 1]]
            if (write?.to === earlier?.to || write?.after !== earlier?.before) break
            chain += 1
          }
          expect(last.count).toBe(chain)
        }
      }),
    )
  })
})
