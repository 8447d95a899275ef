import { exclusivityGroup } from '../../core/coupling/exclusivity-group.ts'
import { SyncError } from '../../core/errors.ts'
import { type CompiledMapping, compileMapping } from '../../core/mapping/compile.ts'
import type { JobDirection, Side } from '../../core/mapping/definition.ts'
import { validateAgainstSchemas } from '../../core/mapping/validate.ts'
import {
  functionModules,
  validateFunctions,
  validateTransforms,
} from '../../core/mapping/validate-transform.ts'
import type { Schemas } from '../../core/mapping/validate-types.ts'
import type { ConnectedTable } from '../../core/ports/connector.ts'
import type { Pair, StoredMapping } from '../../core/ports/mapping-store.ts'
import { configurationOf } from '../../core/sync/configuration.ts'
import type { Job, Line, Run } from '../../core/sync/run.ts'
import type { LoadedFunctions } from '../../core/transform/function-rule.ts'
import type { Deps } from '../deps.ts'
import { openPreview } from '../preview/open-preview.ts'
import { markedTable, overConnection } from './failed-connection.ts'
import { JobCosts, measuredDeletions, measuredStore, measuredTable } from './job-costs.ts'
import type { LeaseKeeper } from './lease-keeper.ts'
import { createPageCommits } from './page-commits.ts'
import { checkSchemas } from './schema-changes.ts'
import { indexDoubtful, type LineSession, type RecordView } from './session.ts'

export interface SessionFrame {
  readonly run: Run
  readonly line: Line
  readonly stored: StoredMapping
  readonly pair: Pair
  readonly jobs: readonly Job[]
  readonly lease: LeaseKeeper
  readonly signal: AbortSignal
}

/** A view for the worker that holds the lease; aborted when the lease is lost. */
export async function openSession(deps: Deps, frame: SessionFrame): Promise<LineSession> {
  const { stored, line, run, lease } = frame
  const signal = AbortSignal.any([frame.signal, lease.signal])
  const connected = await openTables(deps, { ...frame, signal })
  await checkSchemas(deps, frame, schemasOf(connected))
  const previewOf = run.options.dryRun ? run.id : null
  const view = await openView(deps, { ...frame, signal, previewOf }, connected)
  return {
    ...view,
    deps: { ...deps, stores: { ...deps.stores, deletions: measuredDeletions(deps.stores.deletions) } },
    log: deps.log.child({ run: run.id, line: line.id, mapping: stored.definition.name }),
    run,
    line,
    pair: frame.pair,
    jobType: frame.jobs[0]?.type ?? 'synchronization',
    jobIds: { to: jobId(frame, 'to'), from: jobId(frame, 'from') },
    costs: new JobCosts(),
    lease,
  }
}

/**
 * Connects both tables unless they are connected already, checks the mapping against their schemas and loads what earlier workers left in doubt.
 * `previewOf`: the run that only shows what it would do, or null.
 */
export async function openView(
  deps: Pick<Deps, 'stores' | 'connect' | 'probe' | 'loadFunctions'>,
  frame: TablesFrame & { readonly previewOf: number | null },
  opened?: ConnectedTables,
): Promise<RecordView> {
  const { stored, pair, previewOf } = frame
  const connected = opened ?? (await openTables(deps, frame))
  const mapping = await bindMapping(deps, stored, schemasOf(connected))
  const all = await deps.stores.mappings.listMappings(pair.id)
  const intents = await deps.stores.sync.findOpenIntents(stored.id)
  const groups = { local: groupOf(stored, pair, 'local'), remote: groupOf(stored, pair, 'remote') }
  const isShared = (side: Side) => deps.stores.sync.isGroupShared(groups[side], side, stored.id)
  const real = { tables: connected, sync: deps.stores.sync }
  const { tables, sync } = previewOf === null ? real : openPreview(previewOf, mapping, connected, deps)
  return {
    deps,
    stored,
    mapping,
    configuration: configurationOf(mapping, pair),
    tables: { local: measuredTable(tables.local), remote: measuredTable(tables.remote) },
    commits: createPageCommits(measuredStore(sync), stored.id),
    signal: frame.signal,
    mappingIds: new Map(all.map((mapping) => [mapping.definition.name, mapping.id])),
    tablesOf: new Map(
      all.map(({ definition: { name, local, remote } }) => [
        name,
        { local: local.table, remote: remote.table },
      ]),
    ),
    groups,
    isShared: { local: await isShared('local'), remote: await isShared('remote') },
    intents: [...intents],
    doubtful: indexDoubtful(intents),
  }
}

type TablesFrame = Pick<SessionFrame, 'stored' | 'pair' | 'signal'>
type ConnectedTables = Readonly<Record<Side, ConnectedTable>>

async function openTables(
  deps: Pick<Deps, 'connect'>,
  { stored, pair, signal }: TablesFrame,
): Promise<ConnectedTables> {
  return {
    local: await openTable(deps, stored, pair, 'local', signal),
    remote: await openTable(deps, stored, pair, 'remote', signal),
  }
}

function schemasOf({ local, remote }: ConnectedTables): Schemas {
  return { local: local.schema, remote: remote.schema }
}

function jobId(frame: SessionFrame, direction: JobDirection): number | null {
  return frame.jobs.find((job) => job.direction === direction)?.id ?? null
}

/** Opens one table of a mapping. Throws SyncError for connection and schema problems. */
export async function openTable(
  deps: { readonly connect: Deps['lookUp'] },
  stored: Pick<StoredMapping, 'definition'>,
  pair: Pair,
  side: Side,
  signal: AbortSignal,
): Promise<ConnectedTable> {
  const connection = side === 'local' ? pair.localConnection : pair.remoteConnection
  const { table, keyFields, modifiedField, versionField } = stored.definition[side]
  const { acceptDuplicateRisk } = stored.definition
  const address = { table, keyFields, modifiedField, versionField, acceptDuplicateRisk }
  return overConnection(connection.id, async () => {
    const connector = await deps.connect(connection)
    return markedTable(connection.id, await connector.openTable(address, signal))
  })
}

export function groupOf(stored: StoredMapping, pair: Pair, side: Side): string {
  const connection = side === 'local' ? pair.localConnection : pair.remoteConnection
  return exclusivityGroup(connection.id, stored.definition[side].table, stored.definition.exclusivityGroup)
}

/** The mapping with its own functions, ready for these tables. Throws MAPPING_INVALID naming what does not fit. */
export async function bindMapping(
  deps: Pick<Deps, 'loadFunctions'>,
  stored: StoredMapping,
  schemas: Schemas,
): Promise<CompiledMapping> {
  const functions = await deps.loadFunctions(functionModules(stored.definition))
  refuseInvalid(stored, schemas, functions)
  return compileMapping(stored, schemas, functions)
}

function refuseInvalid(stored: StoredMapping, schemas: Schemas, functions: LoadedFunctions): void {
  const problems = [
    ...validateAgainstSchemas(stored.definition, schemas),
    ...validateTransforms(stored.definition),
    ...validateFunctions(stored.definition, functions),
  ].filter((each) => each.severity === 'error')
  if (problems.length === 0) return
  const list = problems.map((each) => `${each.path}: ${each.message}`).join('; ')
  throw new SyncError('MAPPING_INVALID', `Mapping ${stored.definition.name} does not fit its tables: ${list}`)
}

/**
 * What a line locks: its mapping and both tables, so that mappings of one table never couple or write at once. A preview
 * writes nothing that others could meet: it only keeps a second worker off the same line, and no real run waits for it.
 */
export function leaseResources(
  { run, line }: Pick<SessionFrame, 'run' | 'line'>,
  stored: StoredMapping,
  pair: Pair,
): readonly string[] {
  return run.options.dryRun ? [`preview/${line.id}`] : mappingResources(stored, pair)
}

/** What whoever writes for a mapping locks. */
export function mappingResources(stored: StoredMapping, pair: Pair): readonly string[] {
  const { local, remote } = stored.definition
  return [
    `mapping/${stored.id}/0`,
    `table/${pair.localConnection.id}/${local.table}`,
    `table/${pair.remoteConnection.id}/${remote.table}`,
  ].sort()
}
