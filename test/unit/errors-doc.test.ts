import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { errorCodes } from '../../src/core/errors.ts'
import { warningCodes } from '../../src/core/sync/warning.ts'

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')

interface Entry {
  readonly code: string
  readonly kind: string
  readonly when: string
  readonly remedy: string
}

const entry = /^### `(?<code>[A-Z_]+)` · (?<kind>\S+)\n\n(?<when>.+)\n\n\*What to do:\* (?<remedy>.+)$/gm

function readEntries(): readonly Entry[] {
  return [...page.matchAll(entry)].map(({ groups = {} }) => ({
    code: groups['code'] ?? '',
    kind: groups['kind'] ?? '',
    when: groups['when'] ?? '',
    remedy: groups['remedy'] ?? '',
  }))
}

describe('docs/errors.md', () => {
  const documented = new Map(readEntries().map((each) => [each.code, each]))

  it.each(Object.entries(errorCodes))(
    'describes %s: a heading "### `CODE` · kind", when it happens, and "*What to do:* remedy" as in src/core/errors.ts',
    (code, [kind, remedy]) => {
      expect(documented.get(code)).toMatchObject({ kind, remedy, when: expect.stringMatching(/.{20}/) })
    },
  )

  it('describes nothing that does not exist, and nothing twice', () => {
    const headings = [...page.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading)
    expect(headings).toHaveLength(Object.keys(errorCodes).length)
    expect(readEntries()).toHaveLength(headings.length)
    expect([...documented.keys()].filter((code) => !Object.hasOwn(errorCodes, code))).toEqual([])
  })

  it('describes every warning in one row, with its remedy, and no other', () => {
    const rows = [...page.matchAll(/^\| `(?<code>[A-Z_]+)` \| .{20,} \| (?<remedy>.+) \|$/gm)]
    const warnings = rows.map(({ groups = {} }) => [groups['code'], groups['remedy']])
    expect(Object.fromEntries(warnings)).toEqual(warningCodes)
    expect(rows).toHaveLength(Object.keys(warningCodes).length)
  })
})
