import type { Side } from '../../src/core/mapping/definition.ts'
import type { PipelineStep } from '../../src/core/ports/runtime.ts'
import type { RecordKey } from '../../src/core/values/key.ts'
import type { Value, Values } from '../../src/core/values/value.ts'
import type { CoupletProcess } from './couplet-process.ts'
import { checkInvariants, Memory } from './invariants.ts'
import { type Act, People } from './people.ts'
import { ReferenceModel } from './reference-model.ts'
import { type Change, definitionOf, type Setting } from './scenario.ts'
import { Staff } from './staff.ts'
import type { Accident, Deed, History, Mishap, RunKindOfStep, Step, Working } from './steps.ts'
import type { ModelSystems, Wish } from './system.ts'
import { Story, tellStep } from './telling.ts'
import { VirtualTime } from './virtual-time.ts'
import { leaseMs, World, type WorldStore } from './world.ts'

const other = { local: 'remote', remote: 'local' } as const

/** Where a history takes place. */
export interface Stage {
  openStore(time: VirtualTime): Promise<WorldStore>
  openSystems(setting: Setting, time: VirtualTime): Promise<ModelSystems>
}

/** Carries a history out, step by step, on Couplet and on the reference model, and compares the two at every rest. */
export async function play(history: History, { openStore, openSystems }: Stage): Promise<void> {
  const time = new VirtualTime()
  const systems = await openSystems(history.setting, time)
  const player = new Player(history.setting, time, await openStore(time), systems)
  try {
    await player.open()
    for (const step of history.steps) await player.take(step)
    await player.take({ do: 'settle', kind: 'full', pageSize: 50, mishaps: [] })
  } catch (error) {
    const failure = error instanceof Error ? (error.stack ?? error.message) : String(error)
    throw new Error(`${player.story.lines.join('\n')}\n\n${failure}\n`)
  } finally {
    await systems.close()
  }
}

/** No two are the same, nor are their differences. */
function amountOf(number: number): Value {
  return `dec:${number % 3 === 0 ? -number * number : number * number}`
}

class Player {
  readonly story = new Story()
  #setting: Setting
  readonly #world: World
  readonly #people: People
  readonly #model: ReferenceModel
  readonly #memory = new Memory()
  #values = 0
  #open: (() => void)[] = []
  readonly #staff: Staff

  constructor(setting: Setting, time: VirtualTime, store: WorldStore, systems: ModelSystems) {
    this.#setting = setting
    this.#world = new World(setting, time, store, systems)
    this.#model = new ReferenceModel(setting)
    this.#people = new People(systems, setting, (act) => this.#observe(act))
    this.#staff = new Staff(this.#world, this.#people, this.#model, this.story)
  }

  async open(): Promise<void> {
    this.story.begin(this.#setting)
    await this.#world.open()
  }

  async take(step: Step): Promise<void> {
    this.story.tell(tellStep(step))
    await this.#world.pass(1)
    await this.#do(step)
    await checkInvariants(this.#world, this.#memory)
  }

  #observe(act: Act): void {
    this.#model.observe(act)
    const what = Object.keys(act.values)
      .map((field) => `${field} ${act.before[field] ?? 'null'} → ${act.stored[field] ?? 'null'}`)
      .join(', ')
    this.story.add(`· ${act.kind} ${act.side} ${act.key} ${what}`)
  }

  async #do(step: Step): Promise<void> {
    switch (step.do) {
      case 'insert':
      case 'edit':
      case 'delete':
        return this.#act(step)
      case 'begin': {
        const wish = this.#wishFor(step.deed)
        if (wish) this.#open.push(this.#people.begin(wish))
        return
      }
      case 'commit':
        return this.#commit()
      case 'run':
        return this.#run(step.kind, step.pageSize, step.mishaps)
      case 'request': {
        const key = this.#pickKey(step.side, step.pick)
        return key === null ? undefined : this.#during(step, () => this.#staff.request(step, key))
      }
      case 'uncouple':
        return this.#during(step, () => this.#staff.uncouple(step))
      case 'couple':
        return this.#during(step, () => this.#staff.couple(step))
      case 'choose':
        return this.#during(step, () => this.#staff.choose(step))
      case 'decide':
        return this.#staff.decide(step)
      case 'pass':
        return this.#world.pass(step.ms)
      case 'wake':
        return this.#world.wake()
      case 'release':
        return this.#world.releaseHeld()
      case 'lose queue':
        return this.#world.queue.lose()
      case 'change':
        return this.#change(step.to)
      case 'settle':
        return this.#settle(step.kind, step.pageSize, step.mishaps)
    }
  }

  #act(deed: Deed): void {
    const wish = this.#wishFor(deed)
    if (wish) this.#people.act(wish)
  }

  #commit(): void {
    for (const commit of this.#open.splice(0)) commit()
  }

  #pickKey(side: Side, pick: number): RecordKey | null {
    const keys = [...this.#people.records(side).keys()]
    return keys[pick % Math.max(keys.length, 1)] ?? null
  }

  #wishFor(deed: Deed): Wish | null {
    if (deed.do === 'insert')
      return { kind: 'insert', side: deed.side, values: this.#newRecord(deed.side, deed.refused) }
    const key = this.#pickKey(deed.side, deed.pick)
    if (key === null) return null
    if (deed.do === 'delete') return { kind: 'delete', side: deed.side, key }
    const value = this.#valueFor(deed, key)
    return value === undefined
      ? null
      : { kind: 'edit', side: deed.side, key, values: { [deed.field]: value } }
  }

  #newRecord(side: Side, refused: boolean): Values {
    this.#values += 1
    const value = (field: string): Value => `text:${field}${this.#values}`
    return {
      ...this.#people.freshKey(side, this.#values),
      number: value('n'),
      name: refused ? `text:not for ${other[side]} ${this.#values}` : value('name '),
      city: value('city '),
      note: value('note '),
      rating: value('rating '),
      amount: amountOf(this.#values),
    }
  }

  #valueFor({ side, field, value }: Extract<Deed, { do: 'edit' }>, key: RecordKey): Value | undefined {
    this.#values += 1
    const isKey = field === 'number'
    if (field === 'amount' && value !== 'of partner' && value !== 'agreed') return amountOf(this.#values)
    if (field === 'status') return value === 'empty' ? null : this.#values % 2 === 0 ? 'text:in' : 'text:out'
    if (value === 'fresh' || isKey) return `text:${field} ${this.#values}`
    if (value === 'empty') return null
    if (value === 'refused') return `text:not for ${other[side]} ${this.#values}`
    if (value === 'agreed') return this.#model.agreed(side, key, field)
    const partner = this.#model
      .partnersOf(side, key)
      .find((each) => this.#people.records(other[side]).has(each))
    return partner === undefined ? undefined : this.#people.valueOf(other[side], partner, field)
  }

  async #run(kind: RunKindOfStep, pageSize: number, mishaps: readonly Mishap[]): Promise<void> {
    await this.#during({ pageSize, mishaps }, () => this.#staff.run(kind))
  }

  /** Somebody asks for something, and Couplet does it. */
  async #during({ pageSize, mishaps }: Working, ask: () => Promise<void>): Promise<void> {
    await this.#learn()
    this.#plan(pageSize, mishaps)
    await ask()
    await this.#world.work()
    this.#plan(pageSize, [])
  }

  /** The model sees each coupling at least once, however soon it ends: before the commit that removes it. */
  async #learn(): Promise<void> {
    this.#model.learn({ couplings: await this.#world.allCouplings(), tables: this.#tables() })
  }

  #tables() {
    return { local: this.#world.records('local'), remote: this.#world.records('remote') }
  }

  /** What goes wrong from now on, each thing once. */
  #plan(pageSize: number, mishaps: readonly Mishap[]): void {
    const planned = [...mishaps]
    const interrupt = async (process: CoupletProcess, step: PipelineStep, count: number): Promise<void> => {
      this.#world.time.pass(1)
      if (step === 'commit') await this.#learn()
      for (;;) {
        const index = planned.findIndex(({ before, nth }) => before === step && nth === count)
        const [mishap] = index < 0 ? [] : planned.splice(index, 1)
        if (mishap === undefined) return
        if ('accident' in mishap.what) {
          this.story.add(`· before ${step} ${count}: ${mishap.what.accident} (${mishap.what.side})`)
          await this.#happen(mishap.what.accident, mishap.what.side, process)
        } else this.#act(mishap.what)
      }
    }
    this.#world.interruptBy(interrupt, pageSize)
  }

  async #happen(accident: Accident, side: Side, process: CoupletProcess): Promise<void> {
    switch (accident) {
      case 'kill':
        return process.kill()
      case 'freeze':
        return process.freeze()
      case 'stop':
        return this.#world.stop()
      case 'hold write':
        return this.#world.holdNextWrite(side)
      case 'deliver twice':
        return this.#world.deliverTwice()
      case 'lose queue':
        return this.#world.queue.lose()
      default:
        return this.#world.systems[side].happen(accident)
    }
  }

  async #change(to: Change): Promise<void> {
    await this.#learn()
    this.#setting = { ...this.#setting, ...to }
    this.#model.change(to)
    await this.#world.importMapping(definitionOf(this.#setting))
  }

  async #settle(kind: 'full' | 'modified', pageSize: number, mishaps: readonly Mishap[]): Promise<void> {
    this.#commit()
    await this.#run(kind, pageSize, mishaps)
    await this.#world.releaseHeld()
    await this.#world.wake()
    await this.#comeToRest()
    // What was done while the run was under way needs one more run to be found.
    await this.#run(kind, pageSize, [])
    await this.#comeToRest()
    const complaints = this.#model.compare(await this.#reality(kind === 'full'))
    if (complaints.length > 0) throw new Error(complaints.join('\n'))
    await this.#beQuiet(kind, pageSize)
  }

  async #comeToRest(): Promise<void> {
    for (let round = 0; round < 30; round += 1) {
      await this.#world.pass(leaseMs + 11_000)
      await this.#world.sweep()
      await this.#world.work()
      if (await this.#world.isAtRest()) return
    }
    throw new Error('P10: something is still under way, or still due')
  }

  /** P5: a run that finds nothing to do writes nothing. */
  async #beQuiet(kind: 'full' | 'modified', pageSize: number): Promise<void> {
    const before = this.#world.versions()
    await this.#run(kind, pageSize, [])
    await this.#comeToRest()
    if (this.#world.versions() !== before) throw new Error(`P5: a second ${kind} run has written something`)
    this.#model.compare(await this.#reality(kind === 'full'))
  }

  async #reality(isComplete: boolean) {
    return {
      tables: this.#tables(),
      couplings: await this.#world.allCouplings(),
      issues: await this.#world.issues(),
      isComplete,
    }
  }
}
