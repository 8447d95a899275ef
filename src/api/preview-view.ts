import type { PreviewResult, PreviewStore } from '../core/ports/preview-store.ts'
import type { RunDetails } from '../core/ports/run-store.ts'
import { isPossibleDuplicate, type PreviewFinding, type PreviewSample } from '../core/sync/preview.ts'
import { displayKey, type RecordKey } from '../core/values/key.ts'
import { indexBy } from '../lib/group.ts'

/** What a preview has found, with the names of its mappings. */
export interface PreviewView {
  readonly possibleDuplicates: number
  readonly findings: readonly (PreviewFinding & { readonly mapping: string })[]
  readonly costs: readonly (PreviewResult['costs'][number] & { readonly mapping: string })[]
}

/** Null for a run that is no preview. */
export async function findPreview(
  { run, jobs }: RunDetails,
  { stores }: { readonly stores: { readonly previews: Pick<PreviewStore, 'getResult'> } },
): Promise<PreviewView | null> {
  if (!run.options.dryRun) return null
  const { findings, costs } = await stores.previews.getResult(run.id)
  const names = indexBy(jobs, (job) => job.id)
  const named = <T extends { readonly jobId: number }>(item: T) => ({
    ...item,
    mapping: names.get(item.jobId)?.mappingName ?? '',
  })
  const doubtful = findings.filter(isPossibleDuplicate)
  return {
    possibleDuplicates: doubtful.reduce((sum, { records }) => sum + records, 0),
    findings: findings.map(named),
    costs: costs.map(named),
  }
}

/** As JSON: keys are written as people write them. */
export function showPreview({ findings, ...preview }: PreviewView) {
  return {
    ...preview,
    findings: findings.map(({ samples, ...finding }) => ({ ...finding, samples: samples.map(showSample) })),
  }
}

function showSample({ localKey, remoteKey, ...sample }: PreviewSample) {
  return { localKey: showKey(localKey), remoteKey: showKey(remoteKey), ...sample }
}

function showKey(key: RecordKey | null): string | null {
  return key === null ? null : displayKey(key)
}
