import { AsyncLocalStorage } from 'node:async_hooks'
import type { ConnectedTable } from '../../core/ports/connector.ts'
import type { DeletionStore } from '../../core/ports/deletion-store.ts'
import type { SyncStore } from '../../core/ports/sync-store.ts'
import { type CostStep, costSteps, type StepCosts } from '../../core/sync/step-costs.ts'
import { type Measure, measured } from '../../lib/request-meter.ts'

type CostSheet = Record<CostStep, Measure>

/** The job whose work is being done, for those who do it. */
const working = new AsyncLocalStorage<CostSheet>()

/** What the jobs of one line have cost since it was last asked. */
export class JobCosts {
  #sheets = new Map<number, CostSheet>()

  /** Everything inside that is measured goes to this job. */
  chargeTo<T>(jobId: number, work: () => T): T {
    const sheet = this.#sheets.get(jobId) ?? emptySheet()
    this.#sheets.set(jobId, sheet)
    return working.run(sheet, work)
  }

  take(): ReadonlyMap<number, StepCosts> {
    const taken = this.#sheets
    this.#sheets = new Map()
    return taken
  }
}

function emptySheet(): CostSheet {
  return Object.fromEntries(costSteps.map((step) => [step, { ms: 0, requests: 0 }])) as CostSheet
}

/** Measures work as one step of the job that is being done; outside of a job it is only done. */
export async function charge<T>(step: CostStep, work: () => Promise<T>): Promise<T> {
  const sheet = working.getStore()
  return sheet ? measured(sheet[step], work) : work()
}

/** As `charge`, for the work of this process itself. */
export function chargeThinking<T>(work: () => T): T {
  const sheet = working.getStore()
  const start = performance.now()
  const result = work()
  if (sheet) sheet.decide.ms += performance.now() - start
  return result
}

type Methods<T> = {
  [name in keyof T as T[name] extends (...args: never[]) => Promise<unknown> ? name : never]: CostStep
}

const tableSteps: Methods<ConnectedTable> = {
  takeWatermark: 'read',
  readAccess: 'read',
  readChanges: 'read',
  readAll: 'read',
  listKeys: 'read',
  readByKeys: 'partner',
  findByMatch: 'partner',
  write: 'write',
}

const storeSteps: Methods<SyncStore> = {
  findCouplings: 'lookup',
  loadBases: 'lookup',
  findTaken: 'lookup',
  isGroupShared: 'lookup',
  resolveReferences: 'lookup',
  findIssues: 'lookup',
  listCouplings: 'lookup',
  findLastCoupling: 'lookup',
  findDependents: 'lookup',
  findUncoupled: 'lookup',
  findResolutions: 'lookup',
  releaseOutdated: 'lookup',
  findOpenIntents: 'read',
  findInbox: 'read',
  findDueIssues: 'read',
  hasDueWork: 'read',
  openIntent: 'commit',
  narrowIntent: 'commit',
  commitPage: 'commit',
}

const deletionSteps: Methods<DeletionStore> = {
  getLook: 'lookup',
  countStaged: 'lookup',
  listUncoupled: 'lookup',
  listSuspects: 'lookup',
  countSet: 'lookup',
  countCouplings: 'lookup',
  hasCouplingsBefore: 'lookup',
  findKnown: 'lookup',
  listHeld: 'lookup',
  beginComparison: 'commit',
  stageKeys: 'commit',
  endComparison: 'commit',
  endPass: 'commit',
  forgetSeen: 'commit',
  dropComparison: 'commit',
  saveAccess: 'commit',
  addDeleted: 'commit',
  dropSuspects: 'commit',
  answerHeld: 'commit',
  resolve: 'commit',
}

export const measuredTable = (table: ConnectedTable): ConnectedTable => measuredCalls(table, tableSteps)
export const measuredStore = (store: SyncStore): SyncStore => measuredCalls(store, storeSteps)
export const measuredDeletions = (store: DeletionStore): DeletionStore => measuredCalls(store, deletionSteps)

/** The same object, each call of a listed method measured. */
function measuredCalls<T extends object>(target: T, steps: Methods<T>): T {
  const stepOf = new Map(Object.entries<CostStep>(steps))
  return new Proxy(target, {
    get(object, name) {
      const member: unknown = Reflect.get(object, name, object)
      if (typeof member !== 'function') return member
      const step = stepOf.get(String(name))
      if (step === undefined) return member.bind(object)
      return (...args: unknown[]) => charge(step, async () => member.apply(object, args))
    },
  })
}
