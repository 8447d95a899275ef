import { describe, expect, it } from 'vitest'
import { MappingDefinition } from '../../../src/core/mapping/definition.ts'
import type { Store } from '../../../src/store/store.ts'
import {
  couplingWrite,
  definition,
  givenMapping,
  givenPair,
  givenWorkplace,
  unique,
} from '../../support/store-fixtures.ts'

const knownField = (kind: 'code' | 'text') => ({
  type: { kind, maxLength: 20 },
  isRequired: true,
  isWritable: true,
})

/** Every property of a definition, so that none can be lost on the way through the rows. */
const everything = MappingDefinition.parse({
  name: 'EVERYTHING',
  description: 'All there is',
  direction: 'Bidirectional',
  local: {
    table: 'customer',
    keyFields: ['no'],
    modifiedField: 'modified',
    versionField: 'version',
    referenceField: 'code',
    filter: "blocked = ''",
    ignore: "kind = 'Company'",
    require: [{ filter: 'rate is not null', code: 'EXCHANGE_RATE_MISSING', message: 'no rate' }],
  },
  remote: { table: 'account', require: [{ filter: 'state = 0' }] },
  dependsOn: ['SALESPEOPLE', 'CURRENCY'],
  onlyCoupled: false,
  position: 40,
  enabled: false,
  acceptDuplicateRisk: true,
  exclusivityGroup: 'x',
  updateConflict: 'Send Update to Integration',
  deletionConflict: 'Restore Records',
  synchAfterBulkCoupling: true,
  createNewInCaseOfNoMatch: true,
  multiCompany: true,
  disableEventRescheduling: true,
  userDefined: true,
  schemaChanges: 'stop',
  schedule: { everyMinutes: 30, inactivityMinutes: 720 },
  fields: [
    { local: 'b', remote: 'a', direction: 'ToIntegrationTable', enabled: false, validateLocal: false },
    { remote: 'c', constant: '', notNull: true, clearOnFailedSync: true, validateRemote: true },
    {
      local: 'd',
      remote: 'd',
      reference: {
        mapping: 'CURRENCY',
        deferred: true,
        remoteWhenLocalBlank: 'EUR',
        remoteWhenNotCoupled: 'USD',
      },
      atLeast: '0',
      valueMap: { '1': 'one', '': 'none' },
      transform: [
        'trim',
        { lookup: { values: { b: '2', a: '1' }, otherwise: '' } },
        { unit: { multiply: '1.50' } },
      ],
      onTooLong: 'cut and warn',
      match: { priority: 3, caseSensitive: true },
      sensitive: true,
      userDefined: true,
    },
    { local: 'e', remote: 'e', reference: { mapping: 'UNIT' }, match: {} },
  ],
})

export function mappingContract(store: () => Store): void {
  const save = (pairId: number, written: MappingDefinition, changes: object = {}) =>
    store().mappings.saveMapping({
      pairId,
      definition: written,
      expectedVersion: null,
      selectionChanged: false,
      changedBy: 'somebody',
      reason: 'test',
      ...changes,
    })

  describe('connections and pairs', () => {
    it('a connection is created once and changed by its name', async () => {
      const name = unique('c')
      const first = await store().mappings.saveConnection({ name, kind: 'a', settings: { url: 'X_URL' } })
      const second = await store().mappings.saveConnection({ name, kind: 'b', settings: {} })
      expect(second).toEqual({ id: first.id, name, kind: 'b', settings: {} })
      expect(await store().mappings.listConnections()).toContainEqual(second)
    })

    it('settings are put in the place of those of the same name, the others stay; an unknown connection has none', async () => {
      const { mappings } = store()
      const name = unique('connection')
      const act = { by: 'somebody', reason: null }
      const { id } = await mappings.saveConnection({ name, kind: 'a', settings: { url: 'X', schema: 's' } })
      const changed = await mappings.changeSettings(name, { url: 'Y', announce: 'on' }, act)
      expect(changed).toEqual({ id, name, kind: 'a', settings: { url: 'Y', schema: 's', announce: 'on' } })
      expect((await mappings.listConnections()).find((each) => each.name === name)).toEqual(changed)
      const unknown = mappings.changeSettings(unique('nobody'), {}, act)
      await expect(unknown).rejects.toMatchObject({ code: 'CONNECTION_UNKNOWN' })
    })

    it('a pair keeps its number when its companies change, and names an unknown connection', async () => {
      const pair = await givenPair(store())
      const sides = (company: string, connection: string) => ({
        name: pair.name,
        local: { connection: pair.localConnection.name, company },
        remote: { connection, company },
      })
      const changed = await store().mappings.savePair(sides('CRONUS', pair.remoteConnection.name))
      expect(changed).toEqual({ ...pair, localCompany: 'CRONUS', remoteCompany: 'CRONUS' })
      expect(await store().mappings.getPair(pair.id)).toEqual(changed)
      expect(await store().mappings.listPairs()).toContainEqual(changed)
      await expect(store().mappings.savePair(sides('', 'nowhere'))).rejects.toMatchObject({
        code: 'CONNECTION_UNKNOWN',
        data: { name: 'nowhere' },
      })
    })
  })

  describe('mappings', () => {
    it('a definition comes back as it was saved, every property of it', async () => {
      const pair = await givenPair(store())
      const saved = await save(pair.id, everything)
      expect(saved?.definition).toEqual(everything)
      expect(await store().mappings.getMapping(pair.id, 'EVERYTHING')).toEqual(saved)
      expect(await store().mappings.getMappingById(saved?.id ?? 0)).toEqual(saved)
      expect(await store().mappings.getCurrentVersion(saved?.id ?? 0)).toBe(saved?.version)
      expect(saved).toMatchObject({
        version: 1,
        localWatermark: null,
        remoteWatermark: null,
        selectionGeneration: 1,
        scannedGeneration: 0,
      })
    })

    it('only a definition that differs makes a new version, and old versions stay readable', async () => {
      const pair = await givenPair(store())
      const first = await givenMapping(store(), pair, 'M')
      expect((await save(pair.id, definition('M')))?.version).toBe(1)
      const changed = await save(pair.id, definition('M', { onlyCoupled: false }), { selectionChanged: true })
      expect(changed).toMatchObject({ id: first.id, version: 2, selectionGeneration: 2 })
      expect(await store().mappings.getMappingVersion(first.id, 1)).toEqual(first.definition)
      expect((await store().mappings.getMappingVersion(first.id, 2)).onlyCoupled).toBe(false)
      await expect(store().mappings.getMappingVersion(first.id, 3)).rejects.toMatchObject({
        code: 'MAPPING_UNKNOWN',
      })
      const versions = async (limit: number, before: number | null) =>
        (await store().mappings.listMappingVersions(first.id, { limit, before })).map(
          ({ version }) => version,
        )
      expect([await versions(9, null), await versions(1, null), await versions(9, 2)]).toEqual([
        [2, 1],
        [2],
        [1],
      ])
    })

    it('knows the fields that are sensitive, also when they have left their mapping, until somebody says otherwise', async () => {
      const pair = await givenPair(store())
      const name = unique('S')
      const plain = [
        { local: 'name', remote: 'name' },
        { local: 'a', remote: 'b' },
      ]
      const marked = [
        { local: 'name', remote: 'name' },
        { local: 'a', remote: 'b', sensitive: true },
        { remote: 'c', constant: '1', direction: 'ToIntegrationTable', sensitive: true },
      ]
      const known = async () =>
        (await store().mappings.listSensitiveFields())
          .filter(({ mapping }) => mapping === name)
          .map(({ field }) => field)
      await save(pair.id, definition(name, { fields: plain }))
      expect(await known()).toEqual([])
      await save(pair.id, definition(name, { fields: marked }))
      expect(await known()).toEqual(['a', 'b', 'c'])
      await save(pair.id, definition(name, { fields: plain.slice(0, 1) }))
      expect(await known()).toEqual(['a', 'b', 'c'])
      await save(pair.id, definition(name, { fields: plain }))
      expect(await known()).toEqual(['c'])
    })

    it('saves several mappings with their recurring jobs, or none when one is not at its expected version', async () => {
      const pair = await givenPair(store())
      const recurring = async () =>
        (await store().schedules.list())
          .filter(({ pairId }) => pairId === pair.id)
          .map(({ mapping }) => mapping)
      await givenMapping(store(), pair, 'B')
      const write = (name: string, expectedVersion: number) => ({
        pairId: pair.id,
        definition: definition(name, { position: 9 }),
        expectedVersion,
        selectionChanged: false,
        changedBy: 'somebody',
        reason: 'test',
        schedule:
          name === 'A'
            ? { pairId: pair.id, name, kind: 'mapping' as const, mapping: name, everyMinutes: 5 }
            : null,
      })
      const stale = [write('A', 0), write('B', 7)]
      await expect(store().mappings.saveMappings(stale)).rejects.toMatchObject({ code: 'MAPPING_EDITED' })
      expect(await store().mappings.listMappings(pair.id)).toMatchObject([{ version: 1 }])
      expect(await recurring()).toEqual([])
      const saved = await store().mappings.saveMappings([write('B', 1), write('A', 0)])
      expect(saved.map(({ definition: { name }, version }) => [name, version])).toEqual([
        ['A', 1],
        ['B', 2],
      ])
      expect(await recurring()).toEqual(['A'])
    })

    it('saves only over the version that was expected; 0 expects that there is none', async () => {
      const pair = await givenPair(store())
      const isNew = { expectedVersion: 0 }
      expect(await save(pair.id, definition('M'), isNew)).toMatchObject({ version: 1 })
      expect(await save(pair.id, definition('M', { position: 5 }), isNew)).toBeNull()
      expect(await save(pair.id, definition('M', { position: 6 }), { expectedVersion: 2 })).toBeNull()
      expect(await save(pair.id, definition('M', { position: 7 }), { expectedVersion: 1 })).toMatchObject({
        version: 2,
      })
    })

    it('of two savers at once who expect the same version one wins', async () => {
      const pair = await givenPair(store())
      await givenMapping(store(), pair, 'M')
      const writes = [10, 20, 30].map((position) =>
        save(pair.id, definition('M', { position }), { expectedVersion: 1 }),
      )
      const winners = (await Promise.all(writes)).filter((saved) => saved !== null)
      expect(winners).toHaveLength(1)
      expect(await store().mappings.getMapping(pair.id, 'M')).toEqual(winners[0])
    })

    it('two makers of one mapping at once leave one mapping', async () => {
      const pair = await givenPair(store())
      const saved = await Promise.all([save(pair.id, definition('M')), save(pair.id, definition('M'))])
      expect(saved[0]?.id).toBe(saved[1]?.id)
      expect(await store().mappings.listMappings(pair.id)).toHaveLength(1)
    })

    it('lists by position, then by name, and names an unknown mapping', async () => {
      const pair = await givenPair(store())
      for (const [name, position] of [
        ['b', 20],
        ['a', 20],
        ['z', 10],
      ] as const) {
        await givenMapping(store(), pair, name, { position })
      }
      const names = (await store().mappings.listMappings(pair.id)).map((mapping) => mapping.definition.name)
      expect(names).toEqual(['z', 'a', 'b'])
      await expect(store().mappings.getMapping(pair.id, 'q')).rejects.toMatchObject({
        code: 'MAPPING_UNKNOWN',
      })
      await expect(store().mappings.getMappingById(-1)).rejects.toMatchObject({ code: 'MAPPING_UNKNOWN' })
      await expect(store().mappings.getCurrentVersion(-1)).rejects.toMatchObject({ code: 'MAPPING_UNKNOWN' })
    })

    it('remembers what both tables look like, and forgets nobody else’s', async () => {
      const { mapping, fence } = await givenWorkplace(store())
      const other = await givenWorkplace(store())
      expect(await store().mappings.findKnownSchemas(mapping.id)).toEqual({ local: null, remote: null })
      const first = { local: { no: knownField('code') }, remote: { number: knownField('text') } }
      await store().mappings.saveKnownSchemas(mapping.id, first, null)
      expect(await store().mappings.findKnownSchemas(mapping.id)).toEqual(first)
      const second = { ...first, local: {} }
      await store().mappings.saveKnownSchemas(mapping.id, second, fence)
      expect(await store().mappings.findKnownSchemas(mapping.id)).toEqual(second)
      expect(await store().mappings.findKnownSchemas(other.mapping.id)).toEqual({ local: null, remote: null })
    })

    it('P2: a worker that has lost its lease does not say what the tables look like', async () => {
      const { mapping, fence } = await givenWorkplace(store())
      const lost = { ...fence, token: String(Number(fence.token) - 1) }
      await expect(
        store().mappings.saveKnownSchemas(mapping.id, { local: {}, remote: {} }, lost),
      ).rejects.toMatchObject({ code: 'LEASE_LOST' })
      expect(await store().mappings.findKnownSchemas(mapping.id)).toEqual({ local: null, remote: null })
    })

    it('a mapping that moves to another table takes its couplings with it', async () => {
      const place = await givenWorkplace(store())
      const { pair, mapping } = place
      await place.commit({ couplings: [couplingWrite('A', 'B')] })
      await save(pair.id, definition(mapping.definition.name, { local: { table: 'elsewhere' } }))
      const rival = await givenWorkplace(store(), pair)
      await save(pair.id, definition(rival.mapping.definition.name, { local: { table: 'elsewhere' } }))
      await expect(rival.commit({ couplings: [couplingWrite('A', 'C')] })).rejects.toMatchObject({
        code: 'ALREADY_COUPLED',
      })
      expect(await store().sync.findCouplings(mapping.id, 'local', ['text:A'])).toHaveLength(1)
    })

    it('a mapping cannot move to a table where its records are coupled already', async () => {
      const place = await givenWorkplace(store())
      const rival = await givenWorkplace(store(), place.pair)
      await place.commit({ couplings: [couplingWrite('A', 'B')] })
      await rival.commit({ couplings: [couplingWrite('A', 'C')] })
      const moved = definition(rival.mapping.definition.name, { local: place.mapping.definition.local })
      await expect(save(place.pair.id, moved)).rejects.toMatchObject({ code: 'ALREADY_COUPLED' })
      expect(await store().mappings.getMappingById(rival.mapping.id)).toEqual(rival.mapping)
    })
  })
}
