import type { CouplingWrite } from '../../src/core/coupling/coupling.ts'
import { MappingDefinition } from '../../src/core/mapping/definition.ts'
import type { Fence } from '../../src/core/ports/lease-store.ts'
import type { Pair, StoredMapping } from '../../src/core/ports/mapping-store.ts'
import type { NewLine, NewRun } from '../../src/core/ports/run-store.ts'
import type { PageCommit } from '../../src/core/ports/sync-store.ts'
import type { IssueWrite } from '../../src/core/sync/issue.ts'
import type { Outcome } from '../../src/core/sync/outcome.ts'
import { plainOptions } from '../../src/core/sync/run.ts'
import type { Store } from '../../src/store/store.ts'

let numbers = 0

/** A name nobody has used in this process. */
export function unique(prefix: string): string {
  numbers += 1
  return `${prefix}${numbers}`
}

export function definition(name: string, changes: object = {}): MappingDefinition {
  return MappingDefinition.parse({
    name,
    direction: 'Bidirectional',
    local: { table: `local_${name}` },
    remote: { table: `remote_${name}` },
    fields: [{ local: 'name', remote: 'name' }],
    ...changes,
  })
}

export async function givenPair(store: Store): Promise<Pair> {
  const [local, remote] = [unique('local'), unique('remote')]
  await store.mappings.saveConnection({ name: local, kind: 'memory', settings: {} })
  await store.mappings.saveConnection({ name: remote, kind: 'memory', settings: {} })
  return store.mappings.savePair({
    name: unique('pair'),
    local: { connection: local, company: '' },
    remote: { connection: remote, company: '' },
  })
}

export async function givenMapping(
  store: Store,
  pair: Pair,
  name = unique('M'),
  changes: object = {},
): Promise<StoredMapping> {
  const saved = await store.mappings.saveMapping({
    pairId: pair.id,
    definition: definition(name, changes),
    expectedVersion: null,
    selectionChanged: false,
    changedBy: 'test',
    reason: 'test',
  })
  if (!saved) throw new Error('Mapping not saved')
  return saved
}

export function newLine(mapping: StoredMapping, changes: Partial<NewLine> = {}): NewLine {
  return {
    mappingId: mapping.id,
    mappingVersion: mapping.version,
    position: mapping.definition.position,
    selection: 'all',
    jobType: 'synchronization',
    directions: ['to', 'from'],
    dependsOn: [],
    ignoredDependencies: [],
    requests: [],
    ...changes,
  }
}

export function newRun(pair: Pair, lines: readonly NewLine[], changes: Partial<NewRun> = {}): NewRun {
  return {
    pairId: pair.id,
    kind: 'mapping',
    options: plainOptions,
    requestedBy: 'test',
    reason: 'test',
    priority: 5,
    idempotencyKey: null,
    payloadHash: null,
    scheduleId: null,
    slot: null,
    lines,
    ...changes,
  }
}

export async function givenLease(store: Store, resources: readonly string[], ttlMs = 60_000): Promise<Fence> {
  const acquisition = await store.leases.acquire({ resources, holder: 'test', ttlMs })
  if (!acquisition.acquired) throw new Error(`Lease taken by ${acquisition.holder}`)
  return acquisition.fence
}

/** A mapping with a run on it and the lease: all that a page commit needs. */
export interface Workplace {
  readonly pair: Pair
  readonly mapping: StoredMapping
  readonly runId: number
  readonly lineId: number
  readonly jobId: number
  readonly fence: Fence
  commit(changes?: Partial<PageCommit>, fence?: Fence): Promise<void>
}

export async function givenWorkplace(store: Store, pair?: Pair, name?: string): Promise<Workplace> {
  const home = pair ?? (await givenPair(store))
  const mapping = await givenMapping(store, home, name)
  const { run } = await store.runs.createRun(newRun(home, [newLine(mapping)]))
  const { lines, jobs } = await store.runs.getRun(run.id)
  const [line, job] = [lines[0], jobs[0]]
  if (!line || !job) throw new Error('Run without line or job')
  const fence = await givenLease(store, [`mapping/${mapping.id}`])
  return {
    pair: home,
    mapping,
    runId: run.id,
    lineId: line.id,
    jobId: job.id,
    fence,
    commit: (changes = {}, by = fence) => store.sync.commitPage(by, emptyCommit(mapping, changes)),
  }
}

function emptyCommit(mapping: StoredMapping, changes: Partial<PageCommit> = {}): PageCommit {
  return {
    mappingId: mapping.id,
    pairId: mapping.pairId,
    couplings: [],
    uncouplings: [],
    requests: [],
    outcomes: [],
    openIssues: [],
    closeIssues: [],
    metIssues: [],
    releases: [],
    counters: new Map(),
    checkpoint: null,
    watermark: null,
    scannedGeneration: null,
    seenCouplings: [],
    foundDeletions: [],
    settledDeletions: [],
    closeIntents: [],
    keepForLastLook: [],
    doneInbox: [],
    ...changes,
  }
}

export function couplingWrite(
  local: string,
  remote: string,
  changes: Partial<CouplingWrite> = {},
): CouplingWrite {
  const side = (key: string) => ({
    key: `text:${key}`,
    reference: `text:${key}`,
    version: '1',
    modifiedAt: '2024-05-01T10:00:00.123456Z',
    fingerprint: `print of ${key}`,
  })
  return {
    id: null,
    local: side(local),
    remote: side(remote),
    bases: { local: { name: `text:${local}` }, remote: { name: `text:${remote}`, note: null } },
    references: { salesperson: 'text:JO', currency: null },
    swings: { name: { to: true, was: 'abc', count: 1 } },
    mappingVersion: 1,
    generation: 1,
    isRestored: false,
    direction: 'to',
    jobId: 1,
    ...changes,
  }
}

export function outcome(jobId: number, key: string, changes: Partial<Outcome> = {}): Outcome {
  return {
    jobId,
    direction: 'to',
    kind: 'modified',
    localKey: `text:${key}`,
    remoteKey: `text:${key}`,
    code: null,
    errorKind: null,
    field: null,
    value: null,
    message: null,
    changes: [{ field: 'name', before: 'text:old', after: null }],
    localVersion: '1',
    remoteVersion: '2',
    recovered: false,
    warnings: [],
    ...changes,
  }
}

export function issueWrite(jobId: number, key: string, changes: Partial<IssueWrite> = {}): IssueWrite {
  return {
    direction: 'to',
    key: `text:${key}`,
    partnerKey: null,
    kind: 'failed',
    code: 'VALUE_TRUNCATED',
    errorKind: 'permanent',
    field: 'name',
    value: 'far too long',
    message: 'The value does not fit',
    waitsFor: null,
    conflicts: [],
    retryInMs: null,
    createMissing: false,
    sourceVersion: '1',
    partnerVersion: null,
    mappingVersion: 1,
    configuration: 'configuration',
    isAttempt: true,
    repeats: 1,
    answers: null,
    chosen: null,
    jobId,
    ...changes,
  }
}
