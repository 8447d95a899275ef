import CliTable from 'cli-table3'
import pc from 'picocolors'

/** What paints text; `pc.createColors(false)` paints nothing. */
export type Colors = Pick<typeof pc, 'bold' | 'dim' | 'green' | 'yellow' | 'red' | 'cyan'>

export interface Column {
  readonly title: string
  /** Numbers to the right; left when not said. */
  readonly align?: 'left' | 'right'
}

const noBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
}

/** A plain table without borders, ending without a line break: the one form in which commands list things. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  colors: Colors = pc,
): string {
  const table = new CliTable({
    head: columns.map((column) => colors.bold(column.title)),
    colAligns: columns.map((column) => column.align ?? 'left'),
    chars: noBorders,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  for (const row of rows) table.push([...row])
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}
