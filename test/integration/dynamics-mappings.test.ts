import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/app/clock.ts'
import { loadConfig } from '../../src/app/config.ts'
import { createConnections } from '../../src/app/connections.ts'
import type { Connections } from '../../src/app/kept-connections.ts'
import { shippedMappingFiles } from '../../src/app/package-root.ts'
import { parseNetworks } from '../../src/connectors/http/networks.ts'
import type { MappingDefinition } from '../../src/core/mapping/definition.ts'
import type { Pair } from '../../src/core/ports/mapping-store.ts'
import { checkMappings } from '../../src/usecases/setup/import-mappings.ts'
import { startTestSystems, type TestSystems } from '../support/dynamics.ts'
import { readDefinitions } from '../support/mapping-files.ts'
import { createMemoryStore } from '../support/memory-store/memory-store.ts'
import { thisMachine } from '../support/this-machine.ts'

/** Business Central and Dataverse as they describe themselves, and the mappings that are shipped for them. */
describe('the mappings for Business Central and Dataverse', () => {
  const stores = createMemoryStore(systemClock)
  let systems: TestSystems
  let connections: Connections
  let pair: Pair
  let definitions: readonly MappingDefinition[]

  beforeAll(async () => {
    systems = await startTestSystems()
    connections = createConnections({
      config: loadConfig({}),
      embedded: null,
      http: {
        metrics: { observeRequest: () => {} },
        budgets: stores.budgets,
        clock: systemClock,
        random: () => 0.5,
        privateNetworks: parseNetworks(thisMachine) ?? [],
        worker: 'test',
      },
    })
    pair = await systems.savePair(stores.mappings)
    definitions = await readDefinitions(shippedMappingFiles('dynamics'))
  })
  afterAll(async () => {
    await connections?.closeAll()
    await systems?.close()
  })

  const check = async (all: readonly MappingDefinition[]) => {
    const deps = {
      stores,
      connect: (connection: Pair['localConnection']) => connections.connect(connection),
      log: { debug() {}, info() {}, warn() {}, error() {}, child: () => deps.log },
      loadFunctions: async () => new Map(),
    }
    const problems = await checkMappings(pair, all, deps)
    return problems.map(({ mapping, path, code, value, severity }) =>
      [mapping, path, code, value, ...(severity === 'warning' ? ['(warning)'] : [])].join(' '),
    )
  }

  it('are the seven, the vendors, and the three option mappings', () => {
    const inOrder = [...definitions].sort((a, b) => a.position - b.position).map(({ name }) => name)
    expect(inOrder).toEqual([
      'CURRENCY',
      'SALESPEOPLE',
      'UNIT OF MEASURE',
      'PAYMENT TERMS',
      'SHIPMENT METHOD',
      'SHIPPING AGENT',
      'CUSTOMER',
      'VENDOR',
      'CONTACT',
      'RESOURCE-PRODUCT',
      'ITEM-PRODUCT',
    ])
  })

  it('fit the tables, fields, types and lookups of both systems', async () => {
    expect(await check(definitions)).toEqual([
      // Dataverse gives a product the unit of its group.
      'ITEM-PRODUCT fields VALUE_MISSING defaultuomid (warning)',
      'RESOURCE-PRODUCT fields VALUE_MISSING defaultuomid (warning)',
    ])
  })

  it('are refused where they do not fit', async () => {
    const wrong = definitions.map((definition): MappingDefinition => {
      if (definition.name === 'PAYMENT TERMS') return { ...definition, direction: 'Bidirectional' }
      if (definition.name !== 'VENDOR') return definition
      return {
        ...definition,
        remote: { ...definition.remote, filter: 'name = 1' },
      }
    })
    expect((await check(wrong)).filter((text) => !text.includes('(warning)'))).toEqual([
      'PAYMENT TERMS direction NO_FIELD_MAPPINGS Bidirectional',
      'PAYMENT TERMS direction DIRECTION_NOT_ALLOWED Bidirectional',
      'PAYMENT TERMS local CREATE_NOT_IDEMPOTENT code',
      'VENDOR remote.filter FILTER_INVALID name = 1',
    ])
  })
})
