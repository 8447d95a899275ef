import type { FaultPlan, HeldWrite } from '../../src/connectors/memory/faults.ts'
import {
  createMemorySystem,
  type MemorySystem,
  type MemoryTransaction,
} from '../../src/connectors/memory/system.ts'
import { problem } from '../../src/core/errors.ts'
import type { Side } from '../../src/core/mapping/definition.ts'
import type { RecordKey } from '../../src/core/values/key.ts'
import { localTable, placesOf, remoteTable, type Setting } from './scenario.ts'
import type { OutsideAccident } from './steps.ts'
import type { ModelSystem, ModelSystems, OpenTransaction, Wish } from './system.ts'
import type { VirtualTime } from './virtual-time.ts'

/** Two systems in memory, with all that makes real ones hard. */
export async function openMemorySystems(setting: Setting, time: VirtualTime): Promise<ModelSystems> {
  const open = (side: Side): ModelSystem => {
    const clock = time.clock(setting.skewMs[side])
    const system = createMemorySystem({
      name: `model-${side}`,
      clock,
      receipts: setting.remoteKeys !== 'drawn',
      recognisable: true,
    })
    system.addTable(side === 'local' ? localTable() : remoteTable(setting))
    system.faults.rejectWhen((_table, operation) =>
      operation.kind === 'delete' ? null : refuse(side, operation.values),
    )
    return new ModelMemory(system, placesOf(setting)[side].table)
  }
  return { local: open('local'), remote: open('remote'), lateMs: 0, close: async () => {} }
}

/** Each system has values that it does not take from a program. */
function refuse(side: Side, values: Readonly<Record<string, string | null>>) {
  const found = Object.entries(values).find(([, value]) => value?.startsWith(`text:not for ${side}`))
  if (!found) return null
  return problem('VALUE_REFUSED', `${found[0]} is not accepted`, { field: found[0], value: found[1] })
}

const failures: Readonly<Partial<Record<OutsideAccident, FaultPlan>>> = {
  'lose request': { requests: 1, when: 'before', only: 'write' },
  'lose answer': { requests: 1, when: 'after', only: 'write' },
  'lose read': { requests: 2, when: 'before', only: 'read' },
  throttle: { requests: 3, when: 'before', retryAfterMs: 4_000 },
}

class ModelMemory implements ModelSystem {
  readonly #system: MemorySystem
  readonly #table: string
  readonly #held: HeldWrite[] = []

  constructor(system: MemorySystem, table: string) {
    this.#system = system
    this.#table = table
  }

  get connector() {
    return this.#system.connector
  }

  records() {
    return this.#system.records(this.#table)
  }

  act(wish: Wish): RecordKey {
    return this.#keyAfter(wish, () => this.#perform(wish, this.#system))
  }

  begin(wish: Wish): OpenTransaction {
    const transaction = this.#system.begin()
    const commit = () => {
      this.#perform(wish, transaction)
      transaction.commit()
    }
    return { commit: () => this.#keyAfter(wish, commit), rollback: () => transaction.rollback() }
  }

  #perform(wish: Wish, edits: Pick<MemoryTransaction, 'insert' | 'edit' | 'remove'>): void {
    if (wish.kind === 'insert') edits.insert(this.#table, wish.values)
    else if (wish.kind === 'edit') edits.edit(this.#table, wish.key, wish.values)
    else edits.remove(this.#table, wish.key)
  }

  #keyAfter(wish: Wish, work: () => void): RecordKey {
    const before = new Set(this.records().keys())
    work()
    const made = [...this.records().keys()].find((key) => !before.has(key))
    return made ?? (wish.kind === 'insert' ? '' : wish.key)
  }

  happen(accident: OutsideAccident): void {
    const { faults } = this.#system
    const plan = failures[accident]
    if (plan !== undefined) faults.failNext(plan)
    else if (accident === 'lock records') this.#lockRecords(2)
    else if (accident === 'hold write') this.#held.push(faults.holdNextWrite())
    else throw new Error(`Nothing of that kind happens in memory: ${accident}`)
  }

  async release(): Promise<void> {
    for (const held of this.#held.splice(0)) held.release()
  }

  /** The next records that are written are locked by somebody. */
  #lockRecords(records: number): void {
    let left = records
    this.#system.faults.rejectWhen(() => {
      left -= 1
      return left < 0
        ? null
        : problem('RECORD_LOCKED', 'Somebody else has locked it', { retryAfterMs: 5_000 })
    })
  }
}
