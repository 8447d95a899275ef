import type { CompiledSide } from '../../core/mapping/compile.ts'
import { effectiveDependencies } from '../../core/mapping/validate.ts'
import type { ConnectedTable, RecordSnapshot } from '../../core/ports/connector.ts'
import type { Pair, StoredMapping } from '../../core/ports/mapping-store.ts'
import { planOrder } from '../../core/sync/graph.ts'
import { isPossibleDuplicate } from '../../core/sync/preview.ts'
import { type Recommendation, type RecordCount, recommend } from '../../core/sync/recommend.ts'
import { runIsDone } from '../../core/sync/run.ts'
import { isOne } from '../../core/values/value.ts'
import type { Deps } from '../deps.ts'
import { bindMapping, openTable } from '../line/open-session.ts'

/** One mapping as a full synchronization would begin with it (domain.md §2.6). */
export interface ReviewLine {
  readonly mapping: string
  readonly direction: string
  readonly dependsOn: readonly string[]
  readonly local: SideReview
  readonly remote: SideReview
  readonly recommendation: Recommendation
  /** What the last preview has found; null while there is none. */
  readonly possibleDuplicates: number | null
}

export interface SideReview {
  /** Records that pass the filter. */
  readonly count: RecordCount
  /** Of the whole table; null when the system does not say. */
  readonly estimatedRows: number | null
}

export interface Review {
  readonly lines: readonly ReviewLine[]
  /** The full preview whose possible duplicates are shown, or null. */
  readonly preview: { readonly runId: number; readonly finishedAt: string | null } | null
}

type ReviewDeps = Pick<Deps, 'stores' | 'connect' | 'loadFunctions'>

/** Looks at both sides of all enabled mappings, two records each, and recommends what to do; changes nothing. */
export async function reviewFullSync(pair: Pair, deps: ReviewDeps, signal: AbortSignal): Promise<Review> {
  const mappings = (await deps.stores.mappings.listMappings(pair.id)).filter(
    ({ definition }) => definition.enabled,
  )
  const { order } = planOrder(
    mappings.map(({ definition }) => ({
      name: definition.name,
      position: definition.position,
      dependsOn: effectiveDependencies(definition),
    })),
  )
  const preview = await findPreview(pair, deps)
  const lines: ReviewLine[] = []
  for (const name of order) {
    const mapping = mappings.find(({ definition }) => definition.name === name)
    if (mapping) lines.push(await reviewMapping(mapping, pair, preview, deps, signal))
  }
  return { lines, preview: preview && { runId: preview.runId, finishedAt: preview.finishedAt } }
}

async function reviewMapping(
  mapping: StoredMapping,
  pair: Pair,
  preview: FoundPreview | null,
  deps: ReviewDeps,
  signal: AbortSignal,
): Promise<ReviewLine> {
  const { name, direction } = mapping.definition
  const tables = {
    local: await openTable(deps, mapping, pair, 'local', signal),
    remote: await openTable(deps, mapping, pair, 'remote', signal),
  }
  const schemas = { local: tables.local.schema, remote: tables.remote.schema }
  const compiled = await bindMapping(deps, mapping, schemas)
  const read = (side: 'local' | 'remote') => readTwo(tables[side], compiled[side], signal)
  const [local, remote] = await Promise.all([read('local'), read('remote')])
  const counts = { local: countOf(local), remote: countOf(remote) }
  return {
    mapping: name,
    direction,
    dependsOn: effectiveDependencies(mapping.definition),
    local: { count: counts.local, estimatedRows: tables.local.schema.estimatedRows },
    remote: { count: counts.remote, estimatedRows: tables.remote.schema.estimatedRows },
    recommendation: recommend({
      mapping: name,
      ...counts,
      isBaseCurrency: isBaseCurrency(remote),
      hasMatchFields: compiled.matchGroups.length > 0,
    }),
    possibleDuplicates: preview === null ? null : (preview.duplicates.get(name) ?? 0),
  }
}

async function readTwo(
  table: ConnectedTable,
  side: Pick<CompiledSide, 'read' | 'filter'>,
  signal: AbortSignal,
): Promise<readonly RecordSnapshot[]> {
  const page = await table.readAll({ fields: side.read, filter: side.filter, cursor: null, limit: 2, signal })
  return page.records
}

function countOf(records: readonly RecordSnapshot[]): RecordCount {
  if (records.length === 0) return 'none'
  return records.length === 1 ? 'one' : 'more'
}

/** Field of a currency's rate on the remote side (default-mappings.md). */
const RATE_FIELD = 'exchangerate'

function isBaseCurrency([first, ...others]: readonly RecordSnapshot[]): boolean {
  return first !== undefined && others.length === 0 && isOne(first.values[RATE_FIELD] ?? null)
}

interface FoundPreview {
  readonly runId: number
  readonly finishedAt: string | null
  readonly duplicates: ReadonlyMap<string, number>
}

/** Older previews say nothing about the tables of today. */
const RECENT_RUNS = 100

async function findPreview(pair: Pair, { stores }: Pick<Deps, 'stores'>): Promise<FoundPreview | null> {
  const runs = await stores.runs.listRuns({ limit: RECENT_RUNS, before: null, kind: 'full' })
  const run = runs.find((each) => each.pairId === pair.id && each.options.dryRun && runIsDone(each.state))
  if (run === undefined) return null
  const { jobs } = await stores.runs.getRun(run.id)
  const names = new Map(jobs.map((job) => [job.id, job.mappingName]))
  const duplicates = new Map<string, number>()
  const { findings } = await stores.previews.getResult(run.id)
  for (const { jobId, records } of findings.filter(isPossibleDuplicate)) {
    const name = names.get(jobId) ?? ''
    duplicates.set(name, (duplicates.get(name) ?? 0) + records)
  }
  return { runId: run.id, finishedAt: run.finishedAt, duplicates }
}
