import { Client } from 'pg'
import { MappingDefinition } from '../src/core/mapping/definition.ts'
import { customerMapping } from './customers.ts'
import type { Engine } from './engine.ts'
import type { Floor } from './floor.ts'
import { beginFollowing, floorBothWays } from './floor-both-ways.ts'
import { type Contest, expectEqual, type Times } from './measure.ts'
import {
  changeSides,
  countPairs,
  type Edits,
  expectPairs,
  mergeSides,
  type Pairs,
  stampSql,
  systems,
} from './people.ts'

/** Seconds of runs in both directions that bring across what people have done since the last one. */
export interface BothWays {
  /** One record in a hundred was changed on one side, another one in a hundred on the other side. */
  readonly bothWays: Times
  /** One record in ten was changed on both sides: different fields, and in a tenth of them also the same field. */
  readonly merge: Times
}

interface Stage {
  readonly contest: Contest
  readonly size: number
  readonly pageSize: number
  readonly engine: Engine
  readonly floor: Floor
}

/** On a database where everything is coupled and equal: from here on both systems are edited. */
export async function measureBothWays(stage: Stage): Promise<BothWays> {
  const people = new Client({ connectionString: stage.contest.url })
  await people.connect()
  try {
    await people.query(systems.map(stampSql).join(''))
    await stage.engine.changeMapping(bothWaysMapping())
    await stage.engine.run('full')
    await beginFollowing(stage.floor)
    const [changes, merges] = [changeSides(stage.size), mergeSides(stage.size)]
    const bothWays = await bringAcross(stage, people, changes, expectPairs(stage.size, [changes]))
    const merge = await bringAcross(stage, people, merges, expectPairs(stage.size, [changes, merges]))
    return { bothWays, merge }
  } finally {
    await people.end()
  }
}

/** A street that both sides change is the remote side's; all other fields are merged. */
function bothWaysMapping(): MappingDefinition {
  const definition = MappingDefinition.parse(customerMapping)
  return {
    ...definition,
    direction: 'Bidirectional',
    fields: definition.fields.map((field) =>
      field.local === 'address' ? { ...field, conflict: 'remote wins' } : field,
    ),
  }
}

async function bringAcross(
  { contest, pageSize, engine, floor }: Stage,
  people: Client,
  { sql, writes }: Edits,
  expected: Pairs,
): Promise<Times> {
  for (const system of systems) await people.query(sql(system))
  const times = await contest.both({
    engine: async () => expectEqual('written', (await engine.run('modified')).modified, writes),
    floor: async () => expectEqual('written by the floor', await floorBothWays(floor, pageSize), writes),
  })
  for (const system of systems) {
    const pairs = await countPairs(people, system)
    for (const name of Object.keys(expected) as (keyof Pairs)[])
      expectEqual(`${name} pairs of ${system.ledger}`, pairs[name], expected[name])
  }
  return times
}
