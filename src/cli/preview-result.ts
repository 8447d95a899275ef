import type { PreviewView } from '../api/preview-view.ts'
import { errorCodes } from '../core/errors.ts'
import { isPossibleDuplicate, type SideCosts } from '../core/sync/preview.ts'
import { displayKey } from '../core/values/key.ts'
import { displayValue } from '../core/values/value.ts'
import { formatCount } from './format.ts'
import { formatDirection, formatState, print } from './output.ts'
import { renderTable } from './table.ts'

type Finding = PreviewView['findings'][number]

const columns = [
  { title: 'mapping' },
  { title: 'direction' },
  { title: 'would be' },
  { title: 'field or code' },
  { title: 'records', align: 'right' as const },
  { title: 'for example' },
]

/** What a preview has found, for people: a row per kind, field and code, the possible duplicates, and the requests. */
export function printPreview(preview: PreviewView): void {
  print('')
  print('This was a preview: nothing has been written.')
  if (preview.findings.length > 0) {
    print('')
    print(renderTable(columns, preview.findings.map(findingRow)))
  }
  if (preview.possibleDuplicates > 0) printDuplicates(preview)
  print('')
  print(`Requests it would cost: ${costText(preview, 'local')}; ${costText(preview, 'remote')}.`)
}

function findingRow(finding: Finding): readonly string[] {
  const { mapping, direction, kind, code, field, records } = finding
  return [
    mapping,
    formatDirection(direction),
    formatState(kind),
    [field, code].filter((part) => part !== null).join(' '),
    formatCount(records),
    exampleText(finding),
  ]
}

const MOST_FIELDS = 3

function exampleText({ direction, kind, field: about, samples: [sample] }: Finding): string {
  if (sample === undefined) return ''
  const key = direction === 'to' ? sample.localKey : sample.remoteKey
  const name = key === null ? '' : displayKey(key)
  if (sample.message !== null && kind !== 'conflict') return sample.message
  const changes = sample.changes.slice(0, MOST_FIELDS).map(({ field, before, after }) => {
    if (kind === 'inserted') return `${field} ${displayValue(after)}`
    const name = about === null ? `${field} ` : ''
    return `${name}${displayValue(before)} ${kind === 'conflict' ? '≠' : '→'} ${displayValue(after)}`
  })
  const more = sample.changes.length > MOST_FIELDS ? ', …' : ''
  return changes.length === 0 ? name : `${name}: ${changes.join(', ')}${more}`
}

function printDuplicates({ findings, possibleDuplicates }: PreviewView): void {
  print('')
  print(`Possible duplicates: ${formatCount(possibleDuplicates)}`)
  for (const { mapping, code, samples } of findings.filter(isPossibleDuplicate)) {
    for (const { message } of samples) print(`  ${mapping}: ${message}`)
    if (code !== null) print(`  ${code}: ${errorCodes[code][1]}`)
  }
}

function costText({ costs }: PreviewView, side: 'local' | 'remote'): string {
  const sum = (name: keyof SideCosts) => costs.reduce((total, cost) => total + cost[side][name], 0)
  const writes = `${formatCount(sum('writes'))} to write ${formatCount(sum('records'))} records`
  return `${side} ${formatCount(sum('reads'))} to read, ${writes}`
}
