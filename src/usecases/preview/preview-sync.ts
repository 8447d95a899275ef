import type { UncoupledPair } from '../../core/coupling/uncoupling.ts'
import { type Side, sourceSide } from '../../core/mapping/definition.ts'
import type { PlannedCoupling, PreviewStore } from '../../core/ports/preview-store.ts'
import type { PageCommit, SyncStore } from '../../core/ports/sync-store.ts'
import { summarise } from '../../core/sync/preview.ts'
import type { Run } from '../../core/sync/run.ts'
import type { RecordKey } from '../../core/values/key.ts'
import type { Deps } from '../deps.ts'
import type { CostMeter } from './cost-meter.ts'
import type { PlannedRecords } from './planned-records.ts'

interface Preview {
  readonly store: SyncStore
  readonly previews: PreviewStore
  readonly runId: number
  readonly mappingId: number
  readonly planned: PlannedRecords
  readonly meter: CostMeter
}

/**
 * The store as a preview sees it: the couplings there are, with those it would have made or changed laid over them, so
 * that a customer finds the salesperson the same preview would create. Commits go to the preview's own tables; no
 * coupling, outcome, issue, watermark, inbox row or intent of the real runs is touched.
 */
export function createPreviewSync(preview: Preview): SyncStore {
  const { store, previews, runId, mappingId } = preview
  const ids = { runId, mappingId }
  const asked: Record<Side, ReadonlySet<RecordKey>> = { local: new Set(), remote: new Set() }
  return {
    async findCouplings(mapping, side, keys) {
      const real = await store.findCouplings(mapping, side, keys)
      const realIds = real.map(({ id }) => id)
      const planned = await previews.findCouplings({ runId, mappingId: mapping }, side, keys, realIds)
      const replaced = new Set(planned.map(({ id }) => id))
      const asked = new Set(keys)
      return [
        ...real.filter(({ id }) => !replaced.has(id)),
        ...planned.filter((coupling) => asked.has(coupling[side].key)),
      ]
    },
    async loadBases(couplingIds) {
      const real = await store.loadBases(couplingIds.filter((id) => id > 0))
      return new Map([...real, ...(await previews.loadBases(runId, couplingIds))])
    },
    async findTaken(group, side, keys, except) {
      const real = await store.findTaken(group, side, keys, except)
      return new Map([...real, ...(await previews.findTaken(runId, group, side, keys, except))])
    },
    async resolveReferences(referenced, side, references) {
      const real = await store.resolveReferences(referenced, side, references)
      const wanted = { runId, mappingId: referenced }
      return new Map([...real, ...(await previews.resolveReferences(wanted, side, references))])
    },
    isGroupShared: (group, side, mapping) => store.isGroupShared(group, side, mapping),
    findOpenIntents: (mapping) => store.findOpenIntents(mapping),
    // What is uncoupled, or coupled anew, is removed by real runs only.
    listCouplings: (mapping, page) => store.listCouplings(mapping, page),
    findLastCoupling: (mapping) => store.findLastCoupling(mapping),
    findDependents: (couplings, referring) => store.findDependents(couplings, referring),
    async findUncoupled(mapping, side, keys) {
      return released(await store.findUncoupled(mapping, side, keys), side, asked[side])
    },
    findIssues: (mapping, keys) => store.findIssues(mapping, keys),
    findResolutions: (mapping, direction, keys) => store.findResolutions(mapping, direction, keys),
    // Issues stay as they are: the table pass looks at their records anyway.
    releaseOutdated: async () => 0,
    async findInbox(_mapping, direction, limit) {
      const rows = await previews.findInbox(ids, direction, limit)
      asked[sourceSide[direction]] = new Set(rows.filter((row) => row.createMissing).map(({ key }) => key))
      return rows
    },
    findDueIssues: (_mapping, direction, limit) => previews.findDueIssues(ids, direction, limit),
    hasDueWork: () => previews.hasDueWork(ids),
    // Nothing leaves, so there is nothing to remember in case it arrives.
    openIntent: async () => NO_INTENT,
    narrowIntent: async () => {},
    commitPage: (fence, commit) => previews.commitPage(fence, toPreviewCommit(preview, commit)),
  }
}

const NO_INTENT = 0

/** Who asks for a record to be created allows it a new partner; the real request says so in the memory itself. */
function released(
  memory: ReadonlyMap<RecordKey, readonly UncoupledPair[]>,
  side: Side,
  asked: ReadonlySet<RecordKey>,
): ReadonlyMap<RecordKey, readonly UncoupledPair[]> {
  const release = (pair: UncoupledPair) => ({ ...pair, released: { ...pair.released, [side]: true } })
  return new Map([...memory].map(([key, pairs]) => [key, asked.has(key) ? pairs.map(release) : pairs]))
}

/**
 * Takes over what has been planned and counted since the last commit; called once per page. Couplings that would be
 * removed are only counted. Issues that would be met are not released: as none is ever written again here, two records
 * could release each other for ever.
 */
function toPreviewCommit({ runId, planned, meter }: Preview, commit: PageCommit) {
  const { mappingId, pairId, counters, checkpoint, doneInbox, requests, releases, outcomes, openIssues } =
    commit
  const { foundDeletions, settledDeletions } = commit
  const jobId = checkpoint?.jobId ?? [...counters.keys()][0]
  const couplings = commit.couplings.map(
    (coupling): PlannedCoupling => ({
      ...coupling,
      written: {
        local: planned.take('local', coupling.local.key),
        remote: planned.take('remote', coupling.remote.key),
      },
    }),
  )
  planned.clear()
  const leftOut = commit.metIssues.filter(({ isReleased }) => !isReleased)
  return {
    runId,
    mappingId,
    pairId,
    couplings,
    findings: summarise(outcomes, openIssues),
    costs: jobId === undefined ? null : { jobId, costs: meter.collect() },
    counters,
    checkpoint,
    doneInbox,
    judged: [...commit.closeIssues, ...openIssues, ...leftOut].map(({ direction, key }) => ({
      direction,
      key,
    })),
    requests,
    releases,
    foundDeletions,
    settledDeletions,
  }
}

/** True when a run of this mapping has something left to look at besides its table: a preview has due work of its own. */
export function hasDueWork(
  run: Pick<Run, 'id' | 'options'>,
  mappingId: number,
  { stores }: Pick<Deps, 'stores'>,
): Promise<boolean> {
  return run.options.dryRun
    ? stores.previews.hasDueWork({ runId: run.id, mappingId })
    : stores.sync.hasDueWork(mappingId)
}
