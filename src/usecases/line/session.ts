import type { CompiledMapping } from '../../core/mapping/compile.ts'
import type { JobDirection, Side } from '../../core/mapping/definition.ts'
import type { ConnectedTable } from '../../core/ports/connector.ts'
import type { Pair, StoredMapping } from '../../core/ports/mapping-store.ts'
import type { Log, PipelineStep } from '../../core/ports/runtime.ts'
import type { IntendedWrite, OpenIntent } from '../../core/ports/sync-store.ts'
import type { DoubtfulWrite } from '../../core/sync/facts.ts'
import type { JobType, Line, Run } from '../../core/sync/run.ts'
import { createsMissing } from '../../core/sync/run-policy.ts'
import type { RecordKey } from '../../core/values/key.ts'
import type { Deps } from '../deps.ts'
import type { JobCosts } from './job-costs.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import type { PageCommits } from './page-commits.ts'

/** A write of an unfinished intent, as the job of one direction sees the record: by its source key. */
export interface DoubtfulRecord {
  readonly write: IntendedWrite
  readonly doubtful: DoubtfulWrite
  /** The deadline of its intent had not passed when the line began. */
  readonly mayStillArrive: boolean
  /** When its intent was opened, by the clock of the store. */
  readonly openedAt: string
  /** From where what it has created is looked for; null where it is found otherwise. */
  readonly searchFrom: string | null
}

/** Records in doubt by direction and source key; what was intended last comes first. Grows while the line is at work. */
type Doubtful = Readonly<Record<JobDirection, Map<RecordKey, readonly DoubtfulRecord[]>>>

/** A mapping with both tables open: all that is needed to look at records and judge them, without writing anything. */
export interface RecordView {
  readonly deps: Pick<Deps, 'probe'>
  readonly stored: StoredMapping
  readonly mapping: CompiledMapping
  /** Fingerprint of what surrounds the mapping: connections and schemas (core/sync/configuration.ts). */
  readonly configuration: string
  readonly tables: { readonly local: ConnectedTable; readonly remote: ConnectedTable }
  /** The pages' view of the store; everything a line reads or writes of its records goes through it. */
  readonly commits: PageCommits
  /** Aborted on shutdown, and when a lease is lost. */
  readonly signal: AbortSignal
  /** Mapping name → id, for references. */
  readonly mappingIds: ReadonlyMap<string, number>
  /** Mapping name → its tables, for messages about references. */
  readonly tablesOf: ReadonlyMap<string, { readonly local: string; readonly remote: string }>
  /** Names of both tables in their exclusivity groups. */
  readonly groups: { readonly local: string; readonly remote: string }
  /** Sides where another mapping is in the group: only there can it have coupled a record of this one. */
  readonly isShared: { readonly local: boolean; readonly remote: boolean }
  /** What earlier workers left in doubt, and what this one has left so far. */
  readonly intents: OpenIntent[]
  readonly doubtful: Doubtful
}

/** One line while its worker holds the lease: everything the jobs and pages of the line share. */
export interface LineSession extends RecordView {
  readonly deps: Deps
  readonly log: Log
  readonly run: Run
  readonly line: Line
  readonly pair: Pair
  /** What all jobs of this line do. */
  readonly jobType: JobType
  /** The jobs of this line by direction. */
  readonly jobIds: Readonly<Record<JobDirection, number | null>>
  readonly costs: JobCosts
  readonly lease: LeaseKeeper
}

/** Tells the probe that a step begins, and stops here when the line must stop. */
export async function step(session: RecordView, name: PipelineStep, page: number): Promise<void> {
  await session.deps.probe.before(name, { mapping: session.mapping.definition.name, page })
}

/** The line goes through the source tables, and not only to records it was told about. */
export function hasPass({ selection }: Pick<Line, 'selection'>): boolean {
  return selection === 'all' || selection === 'changes'
}

export function mayCreate({ run, jobType, mapping }: LineSession): boolean {
  return createsMissing(run.options, jobType, mapping.definition)
}

export const oppositeDirection = { to: 'from', from: 'to' } as const

/** Indexes open intents both ways: the record that was to be written, and its partner as the other direction reads it. */
export function indexDoubtful(intents: readonly OpenIntent[]): Doubtful {
  const index: Doubtful = { to: new Map(), from: new Map() }
  for (const intent of intents) addDoubtful(index, intent)
  return index
}

/** From now on nobody knows of these writes whether they have arrived. */
export function enterDoubt(session: Pick<LineSession, 'intents' | 'doubtful'>, intent: OpenIntent): void {
  session.intents.push(intent)
  addDoubtful(session.doubtful, intent)
}

function addDoubtful(index: Doubtful, intent: OpenIntent): void {
  const add = (direction: JobDirection, key: RecordKey, entry: DoubtfulRecord) =>
    index[direction].set(key, [entry, ...(index[direction].get(key) ?? [])])
  const { direction, openedAt, searchFrom } = intent
  const side = direction === 'to' ? 'remote' : 'local'
  for (const write of intent.writes) {
    const doubtful = doubtfulOf(intent, write, side)
    const entry = { write, doubtful, mayStillArrive: !intent.isPast, openedAt, searchFrom }
    add(direction, write.sourceKey, entry)
    if (write.destinationKey !== null) add(oppositeDirection[direction], write.destinationKey, entry)
  }
}

function doubtfulOf(intent: OpenIntent, write: IntendedWrite, side: Side): DoubtfulWrite {
  const { values, expectedVersion, sourceValues } = write
  return {
    side: write.deletion?.side ?? side,
    values,
    expectedVersion,
    sourceValues,
    isSettledOnce: intent.settledOnce,
  }
}
