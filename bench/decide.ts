import type { CompiledMapping } from '../src/core/mapping/compile.ts'
import type { RecordSnapshot } from '../src/core/ports/connector.ts'
import type { PlanPolicy, RecordFacts } from '../src/core/sync/facts.ts'
import { planRecord, type RecordPlan } from '../src/core/sync/plan.ts'
import { present } from '../src/lib/assert.ts'
import { bindMapping, openTable } from '../src/usecases/line/open-session.ts'
import type { Engine } from './engine.ts'
import { expectEqual } from './measure.ts'

/** Decisions per second of processor time, of all threads of this process: what one core can do at the least. */
export interface DecisionRates {
  /** New records: every field is transferred. */
  readonly insert: number
  /** Coupled records, both sides in hand, nothing changed. */
  readonly unchanged: number
  /** Coupled records with one changed field. */
  readonly modify: number
}

const ROUNDS = 100

/** The pure rule alone: the facts of one page, read from the tables of a synchronized database, are decided again and again. */
export async function measureDecisions(engine: Engine, pageSize: number): Promise<DecisionRates> {
  const { mapping, facts } = await readFacts(engine, pageSize)
  expectEqual('mapped fields', mapping.transfers.to.length, 20)
  const policy: PlanPolicy = { mapping, direction: 'to', createMissing: true, initialDirection: null }
  const fresh = facts.map((each) => ({ ...each, coupling: null, bases: null, partner: null }))
  const changed = facts.map(({ source, ...rest }) => ({ ...rest, source: withNewCity(source) }))
  return {
    insert: rate(fresh, policy, 'insert'),
    unchanged: rate(facts, policy, 'unchanged'),
    modify: rate(changed, policy, 'modify'),
  }
}

function withNewCity({ key, version, modifiedAt, values }: RecordSnapshot): RecordSnapshot {
  return { key, version, modifiedAt, values: { ...values, city: 'text:Another city' } }
}

async function readFacts(
  { context, pair }: Engine,
  pageSize: number,
): Promise<{ mapping: CompiledMapping; facts: readonly RecordFacts[] }> {
  const { deps } = context
  const signal = new AbortController().signal
  const stored = present((await deps.stores.mappings.listMappings(pair.id))[0], 'mapping')
  const local = await openTable(deps, stored, pair, 'local', signal)
  const remote = await openTable(deps, stored, pair, 'remote', signal)
  const mapping = await bindMapping(deps, stored, { local: local.schema, remote: remote.schema })
  const request = { fields: mapping.local.read, filter: null, cursor: null, limit: pageSize, signal }
  const { records } = await local.readAll(request)
  const keys = records.map(({ key }) => key)
  const couplings = await deps.stores.sync.findCouplings(stored.id, 'local', keys)
  const bases = await deps.stores.sync.loadBases(couplings.map(({ id }) => id))
  const remoteKeys = couplings.map((coupling) => coupling.remote.key)
  const partners = await remote.readByKeys(remoteKeys, mapping.remote.read, signal)
  const byKey = new Map(couplings.map((coupling) => [coupling.local.key, coupling]))
  const facts = records.map((source): RecordFacts => {
    const coupling = present(byKey.get(source.key), 'coupling')
    return {
      source,
      coupling,
      bases: present(bases.get(coupling.id), 'bases'),
      partner: present(partners.get(coupling.remote.key), 'partner'),
      references: new Map(),
      partnerReferences: new Map(),
      match: null,
      namesake: null,
      sourceTakenBy: null,
      memory: [],
      doubtful: [],
      isRequested: false,
      isInFilter: true,
      resolution: null,
      isReleased: false,
      sourceWins: false,
    }
  })
  return { mapping, facts }
}

function rate(facts: readonly RecordFacts[], policy: PlanPolicy, expected: RecordPlan['action']): number {
  for (let round = 0; round < ROUNDS / 5; round += 1) decideAll(facts, policy, expected)
  const start = process.cpuUsage()
  for (let round = 0; round < ROUNDS; round += 1) decideAll(facts, policy, expected)
  const { user, system } = process.cpuUsage(start)
  return (facts.length * ROUNDS * 1_000_000) / (user + system)
}

function decideAll(facts: readonly RecordFacts[], policy: PlanPolicy, expected: RecordPlan['action']): void {
  for (const each of facts) {
    const { action } = planRecord(each, policy)
    if (action !== expected) throw new Error(`The bench is wrong: ${action}, expected ${expected}`)
  }
}
