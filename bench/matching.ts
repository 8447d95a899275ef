import { Client } from 'pg'
import { MappingDefinition } from '../src/core/mapping/definition.ts'
import { importMappings } from '../src/usecases/setup/import-mappings.ts'
import { customerMapping, localFields, remoteFields } from './customers.ts'
import { openEngine } from './engine.ts'
import type { BenchServer } from './server.ts'

/**
 * Seconds that match-based coupling needs for two tables of `size` records, all of which have one partner, which is found
 * by the second of two match groups (the first one is ambiguous for everybody).
 */
export async function measureMatching(server: BenchServer, size: number, pageSize: number): Promise<number> {
  const url = await server.createDatabase(size)
  const engine = await openEngine(url, pageSize)
  try {
    await copyCustomers(url)
    const report = await importMappings(
      engine.pair,
      [matchedBy(['name', 'city'], ['email'])],
      { changedBy: 'bench', reason: 'bench' },
      engine.context.deps,
    )
    if (report.imported.length === 0) throw new Error(JSON.stringify(report.problems))
    await server.settle(url)
    const begun = performance.now()
    const { counters } = await engine.run('couple')
    const took = (performance.now() - begun) / 1_000
    if (counters.coupled !== size) throw new Error(`Coupled ${counters.coupled} of ${size}`)
    return took
  } finally {
    await engine.close()
    await server.drop(url)
  }
}

/** The partners; two customers in a row get one name and city, so that these tell nobody apart. */
async function copyCustomers(url: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(`
      UPDATE nav.customer SET name = 'Customer ' || substr(no, 2)::int / 2, city = 'Ribe';
      INSERT INTO crm.account (accountid, ${remoteFields.join(', ')})
      SELECT gen_random_uuid(), ${localFields.join(', ')} FROM nav.customer;
      UPDATE crm.account SET emailaddress1 = ' ' || upper(emailaddress1)`)
  } finally {
    await client.end()
  }
}

function matchedBy(...groups: readonly (readonly string[])[]): MappingDefinition {
  const definition = MappingDefinition.parse(customerMapping)
  return {
    ...definition,
    fields: definition.fields.map((field) => {
      const priority = groups.findIndex((group) => group.includes(field.local ?? ''))
      if (priority < 0) return field
      const normalise = field.local === 'email' ? { normalise: ['e-mail' as const] } : {}
      return { ...field, match: { priority, caseSensitive: false, ...normalise } }
    }),
  }
}
