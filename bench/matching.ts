import { Client } from 'pg'
import { MappingDefinition } from '../src/core/mapping/definition.ts'
import { customerMapping, localFields, remoteFields } from './customers.ts'
import { openEngine } from './engine.ts'
import { openFloor } from './floor.ts'
import { floorMatch } from './floor-match.ts'
import { expectEqual, openContest, type Times } from './measure.ts'
import { type System, systems } from './people.ts'
import type { BenchServer } from './server.ts'

interface Plan {
  readonly size: number
  readonly pageSize: number
  readonly engineFirst: boolean
}

/**
 * Seconds that match-based coupling takes for two tables of `size` records, all of which have one partner, which is found
 * by the second of two match groups (the first one is ambiguous for everybody).
 */
export async function measureMatching(server: BenchServer, plan: Plan): Promise<Times> {
  const { size, pageSize, engineFirst } = plan
  const url = await server.createDatabase(size)
  const engine = await openEngine(url, pageSize)
  const floor = await openFloor(url)
  const people = new Client({ connectionString: url })
  await people.connect()
  try {
    for (const system of systems) await people.query(copySql(system))
    await engine.changeMapping(matchedBy(['name', 'city'], ['email']))
    const times = await openContest(server, url, engineFirst).both({
      engine: async () => expectEqual('coupled', (await engine.run('couple')).coupled, size),
      floor: async () => expectEqual('coupled by the floor', await floorMatch(floor), size),
    })
    for (const system of systems) await expectPartners(people, system, size)
    return times
  } finally {
    await Promise.all([engine.close(), floor.close(), people.end()])
    await server.drop(url)
  }
}

/** The partners; two customers in a row get one name and city, so that these tell nobody apart. */
const copySql = ({ customers, accounts }: System) => `
  UPDATE ${customers} SET name = 'Customer ' || substr(no, 2)::int / 2, city = 'Ribe';
  INSERT INTO ${accounts} (accountid, ${remoteFields.join(', ')})
    SELECT gen_random_uuid(), ${localFields.join(', ')} FROM ${customers};
  UPDATE ${accounts} SET emailaddress1 = ' ' || upper(emailaddress1)`

/** Each customer is coupled to the account with its number, and the ledger says so. */
async function expectPartners(people: Client, system: System, size: number): Promise<void> {
  const { customers, accounts, ledger } = system
  const { rows } = await people.query<{ coupled: number; outcomes: number }>(`
    SELECT count(*)::int AS coupled,
      (SELECT count(*)::int FROM ${ledger}.outcome WHERE kind = 'coupled') AS outcomes
    FROM ${ledger}.coupling k JOIN ${customers} c ON c.no = right(k.local_reference, 9)
    JOIN ${accounts} a ON a.accountnumber = c.no AND right(k.remote_key, 36) = a.accountid::text`)
  expectEqual(`partners of ${ledger}`, rows[0]?.coupled ?? 0, size)
  expectEqual(`outcomes of ${ledger}`, rows[0]?.outcomes ?? 0, size)
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
