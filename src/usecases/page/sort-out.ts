import type { Coupling } from '../../core/coupling/coupling.ts'
import { sourceSide } from '../../core/mapping/definition.ts'
import { isIgnored } from '../../core/sync/entity-rules.ts'
import { fingerprint } from '../../core/sync/fingerprint.ts'
import type { LineSession } from '../line/session.ts'
import { mayCreate } from '../line/session.ts'
import { sourceAsSent } from './complete-creation.ts'
import { keyTooLongResult, missingSourceResult } from './impossible-source.ts'
import type { GoneRecord, OpenRecord, PageFrame, PageItem, RecordResult } from './page.ts'
import { quietResult } from './results.ts'

/** Longer keys do not fit the index of the couplings in every script (2,700 bytes). */
const MAX_KEY_LENGTH = 600

export interface SortedPage {
  readonly settled: readonly RecordResult[]
  readonly open: readonly OpenRecord[]
  /** Coupled records that are not there any more. */
  readonly gone: readonly GoneRecord[]
}

/**
 * Settles what needs nothing before any partner is read (architecture.md §4 step 3): an ignore rule, a known version, or
 * mapped values equal to the source's own base. Not for a full compare, forced records or records in doubt.
 */
export function sortOut(
  session: LineSession,
  frame: PageFrame,
  items: readonly PageItem[],
  couplings: ReadonlyMap<string, Coupling>,
): SortedPage {
  const settled: RecordResult[] = []
  const open: OpenRecord[] = []
  const gone: GoneRecord[] = []
  for (const item of items) {
    const coupling = couplings.get(item.key) ?? null
    const source = item.snapshot ?? sourceAsSent(session, frame, item.key, coupling)
    if (source === null && coupling !== null) {
      gone.push({ item, coupling, judged: null })
      continue
    }
    const seen = source === item.snapshot ? item : { ...item, snapshot: source }
    const result = settleEarly(session, frame, seen, coupling)
    if (result) settled.push(result)
    else if (source) open.push({ item, source, coupling })
  }
  return { settled, open, gone }
}

function settleEarly(
  session: LineSession,
  frame: PageFrame,
  item: PageItem,
  coupling: Coupling | null,
): RecordResult | null {
  if (item.snapshot === null) return missingSourceResult(session, frame, item)
  if (item.key.length > MAX_KEY_LENGTH) return keyTooLongResult(session, frame, item)
  const isDoubtful = session.doubtful[frame.direction].has(item.key)
  const isLeftAlone =
    !item.isRequested && isIgnored(session.mapping[sourceSide[frame.direction]], item.snapshot)
  if (isLeftAlone && !isDoubtful) return quietResult(item, 'ignored', frame.direction)
  if (coupling === null) {
    const isOpen = mayCreate(session) || item.mayCreate || item.isRequested
    return isOpen ? null : quietResult(item, 'notCoupled', frame.direction)
  }
  if (frame.isFullCompare || item.isForced || isDoubtful) return null
  const known = howKnown(session, frame, item.snapshot, coupling)
  if (known === null) return null
  const result = quietResult(item, 'unchanged', frame.direction, true)
  // The same version again proves nothing about what is wrong with the record; values that were put back do.
  return known === 'by-version' ? { ...result, closes: [] } : result
}

function howKnown(
  session: LineSession,
  frame: PageFrame,
  source: NonNullable<PageItem['snapshot']>,
  coupling: Coupling,
): 'by-version' | 'by-values' | null {
  const side = sourceSide[frame.direction]
  const known = coupling[side]
  if (coupling.mappingVersion !== session.mapping.version || known.version === null) return null
  const compiled = session.mapping[side]
  if (compiled.schema.exactVersions && known.version === source.version) return 'by-version'
  // What was put back in a restored store's lost time looks untouched from here.
  const isSame =
    !coupling.isRestored &&
    known.fingerprint !== null &&
    known.fingerprint === fingerprint(source.values, compiled.tracked)
  return isSame ? 'by-values' : null
}
