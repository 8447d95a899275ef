import { describe, expect, it } from 'vitest'
import { lineFinder } from '../../src/usecases/mapping-file-lines.ts'

const text = `# two mappings
name: A
local:
  table: a
  filter: x = 1
fields:
  - { local: a, remote: b }
  - local: c
    remote: d
---
name: B
dependsOn: [A]
`

describe('the line of a place in a mapping file', () => {
  it.each([
    ['A', 'local.filter', 5],
    ['A', 'fields[0].remote', 7],
    ['A', 'fields[1].remote', 9],
    ['A', 'fields[1].match', 8],
    ['B', 'dependsOn[0]', 12],
    ['B', 'fields', 11],
  ])('of mapping %s, %s, is %i', (mapping, path, line) => {
    expect(lineFinder(text)(mapping, path)).toBe(line)
  })

  it('is unknown for a mapping that the file does not hold', () => {
    expect(lineFinder(text)('C', 'name')).toBeNull()
  })
})
