import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { effectiveDependencies, validateDefinition } from '../../../src/core/mapping/validate.ts'
import { planOrder } from '../../../src/core/sync/graph.ts'
import { parseMappingFile, printMappingFile } from '../../../src/usecases/mapping-files.ts'

const folder = new URL('../../../mappings/', import.meta.url)
const files = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => parseMappingFile(readFileSync(new URL(file, folder), 'utf8'), file))
const definitions = files.flatMap((file) => file.definitions)
const names = [
  'CURRENCY',
  'SALESPEOPLE',
  'UNIT OF MEASURE',
  'CUSTOMER',
  'CONTACT',
  'RESOURCE-PRODUCT',
  'ITEM-PRODUCT',
]

describe('the default mappings', () => {
  it('are read without a problem, one per file', () => {
    expect(files.flatMap((file) => file.problems)).toEqual([])
    expect(definitions.map(({ name }) => name).sort()).toEqual([...names].sort())
  })

  it('are valid beside each other; only absent mappings are remarked on', () => {
    const problems = definitions.flatMap((definition) =>
      validateDefinition(definition, { mappings: definitions.filter((other) => other !== definition) }),
    )
    expect(problems.map(({ severity, code, value }) => `${severity} ${code} ${value}`).sort()).toEqual([
      'warning MAPPING_UNKNOWN PAYMENT TERMS',
      'warning MAPPING_UNKNOWN SHIPMENT METHOD',
      'warning MAPPING_UNKNOWN SHIPPING AGENT',
      'warning MAPPING_UNKNOWN VENDOR',
    ])
  })

  it('run in the documented order, which their dependencies alone allow', () => {
    const mappings = definitions.map((definition) => ({
      name: definition.name,
      position: definition.position,
      dependsOn: effectiveDependencies(definition),
    }))
    expect(planOrder(mappings)).toMatchObject({ order: names, cycles: [] })
  })

  it('create nothing in scheduled runs and come every 30 minutes', () => {
    for (const { onlyCoupled, schedule } of definitions) {
      expect(onlyCoupled).toBe(true)
      expect(schedule?.everyMinutes).toBe(30)
    }
  })

  it('survive being written to a file and read again', () => {
    for (const definition of definitions) {
      expect(parseMappingFile(printMappingFile(definition), 'x').definitions).toEqual([definition])
    }
  })
})
