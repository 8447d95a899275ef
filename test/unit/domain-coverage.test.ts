import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'

const root = new URL('../../', import.meta.url)
const read = (path: string) => readFile(new URL(path, root), 'utf8')

/** The chapters of the functional specification; where there are no parts, the chapter itself. */
const chapters = [
  ...parts(2, 7),
  ...parts(3, 4),
  '§4',
  '§5',
  ...parts(6, 5),
  ...parts(7, 4),
  ...parts(8, 6),
  '§9',
  '§10',
  ...parts(11, 4),
  ...parts(12, 4),
  ...parts(13, 5),
  ...parts(15, 3),
  ...parts(18, 15),
  ...Array.from({ length: 16 }, (_, index) => `C${index + 1}`),
]

function parts(chapter: number, last: number): readonly string[] {
  return Array.from({ length: last }, (_, index) => `§${chapter}.${index + 1}`)
}

interface Row {
  readonly rule: string
  readonly code: string
  readonly test: string
}

const notBuilt = 'Not built: '
const pathsIn = (cell: string) => [...cell.matchAll(/`((?:src|test)\/[^`]+)`/g)].map(([, path = '']) => path)

let lines: readonly string[]
let rows: readonly Row[]
beforeAll(async () => {
  lines = (await read('docs/domain-coverage.md')).split('\n').filter((line) => /^\| (?!Rule |---)/.test(line))
  rows = lines.map((line) => {
    const [rule = '', code = '', test = ''] = line.slice(2, -2).split(' | ')
    return { rule, code, test }
  })
})

describe('docs/domain-coverage.md', () => {
  it('has rows of three columns', () => {
    expect(lines.filter((line) => line.slice(2, -2).split(' | ').length !== 3)).toEqual([])
  })

  it.each(chapters)('has a rule of %s', (chapter) => {
    expect(rows.filter(({ rule }) => rule.startsWith(`${chapter} `))).not.toEqual([])
  })

  it('names code and test of every rule, or why it is not built', () => {
    const wrong = rows.filter(({ code, test }) =>
      code.startsWith(notBuilt)
        ? code.length < notBuilt.length + 20 || test !== '–'
        : pathsIn(code).length === 0 || pathsIn(test).length === 0,
    )
    expect(wrong).toEqual([])
  })

  it('names only files that exist', () => {
    const paths = new Set(rows.flatMap(({ code, test }) => [...pathsIn(code), ...pathsIn(test)]))
    expect([...paths].filter((path) => !existsSync(new URL(path, root)))).toEqual([])
  })

  it('names tests as they are called in their files', async () => {
    const named = rows.flatMap(({ test }) =>
      [...test.matchAll(/`([^`]+)`: (.+?)(?=<br>|$)/g)].map(([, path = '', name = '']) => ({ path, name })),
    )
    expect(named.length).toBeGreaterThan(200)
    const missing: string[] = []
    for (const { path, name } of named) {
      const source = existsSync(new URL(path, root)) ? (await read(path)).replaceAll('\\', '') : name
      if (!source.includes(name)) missing.push(`${path}: ${name}`)
    }
    expect(missing).toEqual([])
  })
})
