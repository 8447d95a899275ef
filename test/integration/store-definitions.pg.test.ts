import { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MappingDefinition } from '../../src/core/mapping/definition.ts'
import { createStore } from '../../src/store/store.ts'
import { openTestStore, type TestStore } from '../support/store.ts'
import { definition, givenPair, unique } from '../support/store-fixtures.ts'

let opened: TestStore
beforeAll(async () => {
  opened = await openTestStore()
})
afterAll(() => opened.close())

/** A mapping, and the store of another process that has read it. */
async function givenReader() {
  const pair = await givenPair(opened.store)
  const first = definition(unique('CUSTOMER'))
  const save = (changed: Partial<MappingDefinition>) =>
    opened.store.mappings.saveMapping({
      pairId: pair.id,
      definition: { ...first, ...changed },
      expectedVersion: null,
      selectionChanged: false,
      changedBy: 'test',
      reason: 'to see',
    })
  await save({})
  const { mappings } = createStore(opened.pool)
  const read = () => mappings.getMapping(pair.id, first.name)
  const stored = await read()
  return { pairId: pair.id, first, save, mappings, read, stored }
}

/** As a restored database has it: no trigger runs. */
async function restoreFirstVersion(mappingId: number): Promise<void> {
  const client = await opened.pool.connect()
  await client.query(`set session_replication_role = replica;
    update couplet.table_mapping set version = 1 where id = ${mappingId};
    delete from couplet.field_mapping where mapping_id = ${mappingId} and version > 1;
    delete from couplet.mapping_version where mapping_id = ${mappingId} and version > 1`)
  client.release(true)
}

describe('definitions that a process remembers', () => {
  it('are those of the version that is current, whoever has saved it', async () => {
    const { first, save, read, mappings, pairId } = await givenReader()
    await save({ description: 'changed elsewhere' })
    expect(await read()).toMatchObject({ version: 2, definition: { description: 'changed elsewhere' } })
    expect(await mappings.listMappings(pairId)).toMatchObject([{ version: 2 }])
    await save({})
    expect((await read()).definition).toEqual(first)
  })

  it('are not those of another version with the same number, as after a restore of the database', async () => {
    const { save, read, stored } = await givenReader()
    await save({ description: 'lost with the last hour' })
    expect((await read()).definition.description).toBe('lost with the last hour')
    await restoreFirstVersion(stored.id)
    await save({ description: 'made anew' })
    expect(await read()).toMatchObject({ version: 2, definition: { description: 'made anew' } })
  })

  it('come from one statement, and nobody can change them for the others', async () => {
    const { read } = await givenReader()
    const { definition: shared } = await read()
    expect((await read()).definition).toBe(shared)
    expect(() => Object.assign(shared, { description: 'mine' })).toThrow(TypeError)
    expect(() => Object.assign(shared.fields[0] ?? {}, { remote: 'mine' })).toThrow(TypeError)
  })

  it('are read by statements that leave nothing on the connection: a pooler may give the next one another', async () => {
    const { pairId, first } = await givenReader()
    const pool = new Pool({ connectionString: opened.url, max: 1 })
    const { mappings, access } = createStore(pool)
    for (let times = 0; times < 2; times += 1) {
      await mappings.getMapping(pairId, first.name)
      await mappings.getPair(pairId)
      await mappings.listPairs()
      await access.findApiKey('unknown')
    }
    const { rows } = await pool.query('select name from pg_prepared_statements')
    await pool.end()
    expect(rows).toEqual([])
  })
})
