import type { Connector } from '../../src/core/ports/connector.ts'
import type { Clock } from '../../src/core/ports/runtime.ts'
import type { RecordKey } from '../../src/core/values/key.ts'
import { dec, rawOf, tagged, text, type Value, type Values } from '../../src/core/values/value.ts'
import type { RunningBusinessCentral } from '../../src/simulators/business-central/simulator.ts'
import type { RunningDataverse } from '../../src/simulators/dataverse/simulator.ts'
import type { AdminRecord, AdminSite } from '../../src/simulators/kit/admin.ts'
import { Fault, type RecordEdit } from '../../src/simulators/kit/faults.ts'
import { HttpProblem } from '../../src/simulators/kit/http.ts'
import type { Simulation } from '../../src/simulators/kit/simulation.ts'
import { startCronus } from '../support/business-central.ts'
import { connectTo as connectToBusinessCentral } from '../support/business-central-connector.ts'
import { openDataverse, type smallSize } from '../support/dataverse.ts'
import { connectTo as connectToDataverse } from '../support/dataverse-connector.ts'
import { placesOf, type Setting } from './scenario.ts'
import type { OutsideAccident } from './steps.ts'
import type { ModelRecord, ModelSystem, ModelSystems, OpenTransaction, Wish } from './system.ts'
import { VirtualTime } from './virtual-time.ts'

/** Business Central and Dataverse by their own protocols; each history begins with empty tables. */
export interface DynamicsStage {
  openSystems(setting: Setting, time: VirtualTime): Promise<ModelSystems>
  close(): Promise<void>
}

/** Longest time a request is under way after its sender has given it up. */
const lateMs = 20_000
const texts = ['number', 'name', 'city', 'note', 'rating', 'status'] as const
const fields = [...texts, 'amount'] as const
const nobody = { customers: 0, vendors: 0, contacts: 0, items: 0, resources: 0 } satisfies typeof smallSize

export async function openDynamics(): Promise<DynamicsStage> {
  let time = new VirtualTime()
  const clock: Clock = { now: () => time.clock().now(), monotonicMs: () => time.ms }
  const cronus = await startCronus({ customers: 0, clock })
  const { simulator: contoso } = await openDataverse({ time: clock, size: nobody })
  addTables(cronus.admin, contoso.admin)
  return {
    async openSystems(setting, now) {
      time = now
      const local = beginAnew(cronus.admin, cronus.simulation, setting.skewMs.local)
      const remote = beginAnew(contoso.admin, contoso, setting.skewMs.remote)
      contoso.admin.extra('plug-ins', refusedTexts(placesOf(setting).remote.table))
      const wait = async (ms: number) => now.pass(ms)
      const connected = {
        local: connectLocal(cronus, clock, wait),
        remote: connectRemote(contoso, clock, wait),
      }
      return {
        local: new ModelBusinessCentral(connected.local.connector, local, setting),
        remote: new ModelDataverse(connected.remote.connector, remote, setting),
        lateMs,
        async close() {
          await connected.local.connector.close()
          await connected.remote.connector.close()
          await connected.remote.transport.close()
        },
      }
    },
    async close() {
      await cronus.close()
      await contoso.close()
    },
  }
}

interface Place {
  readonly admin: AdminSite
  readonly simulation: Simulation
}

/** Without records, faults or a memory of requests; its clock is wrong by this much. */
function beginAnew(admin: AdminSite, simulation: Simulation, skewMs: number): Place {
  simulation.faults.clear()
  simulation.time.reset()
  admin.reset()
  simulation.recorder.reset()
  simulation.time.skew(skewMs)
  return { admin, simulation }
}

function addTables(cronus: AdminSite, contoso: AdminSite): void {
  const textFields = texts.map((name) => ({ name, kind: 'text', length: 100 }))
  const table = {
    fields: [...textFields, { name: 'amount', kind: 'decimal' }],
    key: ['number'],
    byId: true,
    refuses: 'not for local',
  }
  cronus.extra('added-tables', { entitySet: 'modelCustomers', ...table })
  const numberSeries = { column: 'number', prefix: 'D', digits: 4 }
  cronus.extra('added-tables', { entitySet: 'modelDrawn', ...table, numberSeries })
  const columns = [
    ...texts.map((name) => ({ name, kind: 'text', maxLength: 100 })),
    { name: 'amount', kind: 'decimal', scale: 2 },
  ]
  for (const [name, upperCase] of [['account', []] as const, ['capitals', ['city']] as const])
    contoso.extra('custom-tables', {
      logicalName: `model_${name}`,
      entitySet: `model_${name}s`,
      columns,
      normalises: { upperCase, wholeNumbers: [] },
    })
}

/** Business logic of the organization that refuses them. */
const refusedTexts = (entity: string) =>
  texts.map((column) => ({ entity, column, contains: 'not for remote', error: `${column} is not accepted` }))

type Wait = (ms: number) => Promise<void>

function connectLocal(cronus: RunningBusinessCentral, clock: Clock, wait: Wait) {
  const api = 'couplet/sync/v1.0'
  return connectToBusinessCentral(cronus, {
    name: 'model-local',
    apis: [api],
    tables: {
      [`${api}/modelCustomers`]: { businessKey: ['number'] },
      [`${api}/modelDrawn`]: { businessKey: ['number'], numberSeries: true },
    },
    maxServerRunMs: lateMs,
    clock,
    wait,
    transportOptions: { clock, wait },
  })
}

function connectRemote(contoso: RunningDataverse, clock: Clock, wait: Wait) {
  return connectToDataverse(contoso, { maxServerRunMs: lateMs }, { clock, wait })
}

const failed = { times: 1, match: {} } as const
const writes = { ...failed, match: { writes: true } } as const

/** What has to be set up so that it happens, as the systems of connectors.md do it (C 13 to 16). */
const faults: Readonly<Record<OutsideAccident, object>> = {
  'lose request': { kind: 'reset', when: 'before', ...writes },
  'lose answer': { kind: 'reset', when: 'after', ...writes },
  'lose read': { kind: 'reset', when: 'before', times: 5, match: { writes: false } },
  throttle: { kind: 'status', status: 429, retryAfter: 4, ...failed, times: 3 },
  'lock records': { kind: 'status', status: 500, times: 2, match: { writes: true, part: true } },
  'hold write': { kind: 'late', ...writes },
  busy: { kind: 'status', status: 503, retryAfter: 2, ...failed, times: 2 },
  'time out': { kind: 'status', status: 504, before: false, ...writes },
  'expire tokens': { kind: 'expire-tokens', ...failed },
  'cut answer': { kind: 'reset', when: 'middle', chunked: true, ...failed },
  'fail parts': { kind: 'status', status: 500, before: false, times: 2, match: { writes: true, part: true } },
  'refuse parts': { kind: 'status', status: 429, times: 5, match: { writes: true, part: true } },
}

/** A simulated system, past sign-in and limits, as its users see it. */
abstract class ModelSimulation implements ModelSystem {
  readonly connector: Connector
  readonly place: Place
  readonly #user: string

  constructor(connector: Connector, place: Place, user: string) {
    this.connector = connector
    this.place = place
    this.#user = user
  }

  protected abstract readonly table: string
  protected abstract readonly modifiedField: string
  protected abstract readonly keyField: string
  protected abstract timeOf(ms: number): string
  protected abstract editOf(wish: Wish): RecordEdit

  records(): ReadonlyMap<RecordKey, ModelRecord> {
    const page = { filter: null, after: null, top: 1_000 }
    return new Map(
      this.place.admin.records(this.table, page).map((record) => {
        const values = this.#valuesOf(record)
        const modified = String(record[this.modifiedField])
        return [this.#keyOf(record), { values, version: `${modified} ${JSON.stringify(values)}` }]
      }),
    )
  }

  act(wish: Wish): RecordKey | null {
    try {
      const record = this.place.admin.edit(this.editOf(wish))
      if (record !== null) return this.#keyOf(record)
      return wish.kind === 'delete' ? wish.key : null
    } catch (error) {
      // What it takes from nobody.
      if (error instanceof HttpProblem && error.status === 400) return null
      throw error
    }
  }

  begin(wish: Wish): OpenTransaction {
    return { commit: () => this.act(wish), rollback: () => {} }
  }

  happen(accident: OutsideAccident): void {
    const fault = Fault.parse(faults[accident])
    this.place.simulation.faults.add({ ...fault, match: { ...fault.match, user: this.#user } })
  }

  release(): Promise<void> {
    return this.place.simulation.faults.release()
  }

  #keyOf(record: AdminRecord): RecordKey {
    return `uuid:${record[this.keyField]}`
  }

  #valuesOf(record: AdminRecord): Values {
    const shown = fields.map((name) => [name, shownValue(name, record[name])] as const)
    const modified = tagged('instant', this.timeOf(Date.parse(String(record[this.modifiedField]))))
    return { id: this.#keyOf(record), ...Object.fromEntries(shown), modified } as Values
  }
}

function shownValue(name: string, cell: unknown): Value {
  if (cell === null || cell === undefined || cell === '') return null
  return name === 'amount' ? dec(String(cell)) : text(String(cell))
}

class ModelBusinessCentral extends ModelSimulation {
  protected readonly table: string
  protected readonly modifiedField = 'lastModifiedDateTime'
  protected readonly keyField = 'id'

  constructor(connector: Connector, place: Place, setting: Setting) {
    super(connector, place, 'sync-app')
    this.table = placesOf(setting).local.table.split('/').at(-1) ?? ''
  }

  /** Milliseconds. */
  protected timeOf(ms: number): string {
    return `${new Date(ms).toISOString().slice(0, -1)}000Z`
  }

  /** What is blank is an empty text. */
  protected editOf(wish: Wish): RecordEdit {
    return editOf(this.table, wish, null, (value) => rawOf(value))
  }
}

class ModelDataverse extends ModelSimulation {
  protected readonly table: string
  protected readonly modifiedField = 'modifiedon'
  protected readonly keyField: string

  constructor(connector: Connector, place: Place, setting: Setting) {
    super(connector, place, 'app-1')
    this.table = placesOf(setting).remote.table
    this.keyField = `${this.table}id`
  }

  /** Whole seconds. */
  protected timeOf(ms: number): string {
    return `${new Date(Math.floor(ms / 1_000) * 1_000).toISOString().slice(0, -5)}.000000Z`
  }

  protected editOf(wish: Wish): RecordEdit {
    const id = wish.kind === 'insert' ? rawOf(wish.values['id'] ?? null) : null
    return editOf(this.table, wish, id, (value) => {
      if (value === null) return null
      return value.startsWith('dec:') ? Number(rawOf(value)) : rawOf(value)
    })
  }

  /** A new record shows up late, with the time and the version it was given when it was entered. */
  override begin(wish: Wish): OpenTransaction {
    if (wish.kind !== 'insert') return super.begin(wish)
    const edit = this.editOf(wish)
    this.place.admin.extra('hold', [edit])
    const commit = () => {
      this.place.admin.extra('release', [])
      return `uuid:${edit.key}`
    }
    return { commit, rollback: () => {} }
  }
}

function editOf(table: string, wish: Wish, id: string | null, json: (value: Value) => unknown): RecordEdit {
  if (wish.kind === 'delete') return { action: 'delete', table, key: idOf(wish.key), values: {} }
  const given = Object.entries(wish.values).filter(([name]) => name !== 'id')
  const values = Object.fromEntries(given.map(([name, value]) => [name, json(value)]))
  if (wish.kind === 'insert') return { action: 'insert', table, key: id, values }
  return { action: 'patch', table, key: idOf(wish.key), values }
}

const idOf = (key: RecordKey): string => key.slice('uuid:'.length)
