import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ErrorCode } from '../../src/core/errors.ts'
import { MappingDefinition } from '../../src/core/mapping/definition.ts'
import { startRun } from '../../src/usecases/flow/start-run.ts'
import { requestRecords } from '../../src/usecases/records/request-records.ts'
import { checkMappings } from '../../src/usecases/setup/import-mappings.ts'
import { setUpPair } from '../../src/usecases/setup/set-up-pair.ts'
import { createInstallation, type Installation, importAll, request } from '../support/installation.ts'
import { createReader } from '../support/postgres.ts'

const systemsSql = `
  CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.name LIKE 'skip%' THEN RETURN NULL; END IF; RETURN NEW; END $$;
  CREATE TABLE nav.person (code varchar(10) PRIMARY KEY);
  CREATE TABLE crm.person (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), code varchar(10));
  CREATE TABLE nav.rival (no varchar(10) PRIMARY KEY, name text);
  CREATE TABLE nav.thing (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), no varchar(10), name text, size text, kind text, person varchar(10));
  CREATE TABLE crm.thing (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), number varchar(10), name varchar(20), size int,
    kind text, person uuid);
  CREATE UNIQUE INDEX one_name ON crm.thing (name) WHERE name LIKE 'only%';
  CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON crm.thing FOR EACH ROW EXECUTE FUNCTION public.refuse();
  INSERT INTO nav.thing (no, name) VALUES ('BOTH', 'both'), ('GONE', 'gone'), ('MODIFY', 'modify');`

const side = (table: string) => ({ local: { table }, remote: { table } })
const thing = {
  name: 'THING',
  direction: 'Bidirectional',
  onlyCoupled: false,
  exclusivityGroup: 'things',
  local: { table: 'thing', referenceField: 'no', filter: `no <> 'OUT'` },
  remote: { table: 'thing' },
  fields: [
    { local: 'no', remote: 'number', direction: 'ToIntegrationTable', match: {} },
    { local: 'name', remote: 'name' },
    { local: 'size', remote: 'size', direction: 'ToIntegrationTable' },
    { local: 'kind', remote: 'kind', direction: 'ToIntegrationTable', valueMap: { good: '1' } },
    { local: 'person', remote: 'person', reference: { mapping: 'PERSON' }, direction: 'ToIntegrationTable' },
  ],
}
const person = {
  name: 'PERSON',
  direction: 'ToIntegrationTable',
  ...side('person'),
  remote: { table: 'person' },
  fields: [{ local: 'code', remote: 'code', match: {} }],
}
const rival = {
  name: 'RIVAL',
  direction: 'ToIntegrationTable',
  exclusivityGroup: 'things',
  position: 1,
  local: { table: 'rival' },
  remote: { table: 'thing' },
  fields: [
    { local: 'no', remote: 'number', match: {} },
    { local: 'name', remote: 'name' },
  ],
}

/** What must stand in the message, per record (domain.md §15.2). */
const catalogue: readonly (readonly [ErrorCode, string, readonly (string | RegExp)[]])[] = [
  ['VALUE_TRUNCATED', 'LONG', ['nav.thing LONG', 'name', 'xxxxx', '21', '20']],
  ['VALUE_NOT_CONVERTIBLE', 'CONVERT', ['nav.thing CONVERT', 'size', "'large'", /integer|whole number/]],
  ['OPTION_NOT_MAPPED', 'OPTION', ['nav.thing OPTION', 'kind', "'bad'", 'value map for kind']],
  [
    'REFERENCE_NOT_COUPLED',
    'WAITS',
    ['person', "'JO'", 'mapping PERSON', '(person)', 'couplet sync record PERSON JO --create'],
  ],
  ['INSERT_FAILED', 'INSERT', ['crm.thing', 'trigger, rule or policy']],
  ['MODIFY_FAILED', 'MODIFY', ['crm.thing', 'trigger, rule or policy']],
  ['POSSIBLE_DUPLICATE', 'ONLY', ['crm.thing', 'only me', 'name']],
  ['NO_UNIQUE_MATCH', 'TWICE', ['TWICE', /[0-9a-f-]{36}, [0-9a-f-]{36}/]],
  ['ALREADY_COUPLED', 'TAKEN', ['TAKEN', 'RIVAL (with TAKEN)', /crm\.thing [0-9a-f-]{36}/]],
  ['CONFLICT_BOTH_CHANGED', 'BOTH', ['nav.thing', 'crm.thing', "name 'here'", "name 'there'"]],
  ['COUPLED_TO_DELETED', 'GONE', ['nav.thing GONE', /crm\.thing [0-9a-f-]{36}/]],
]

describe('the message catalogue (domain.md §15.2): what a message must say, raised for real', () => {
  let couplet: Installation
  let messages: ReadonlyMap<string, string>

  beforeAll(async () => {
    couplet = await createInstallation({ systemsSql })
    await couplet.import(person, rival, thing)
    await couplet.work()
    await couplet.run('full')
    await couplet.systems.query(`
      INSERT INTO nav.rival VALUES ('TAKEN', 'Taken');
      INSERT INTO crm.thing (number, name) VALUES ('TAKEN', 'Taken'), ('TWICE', 'a'), ('TWICE', 'b'), ('X', 'only me');
      INSERT INTO nav.thing (no, name, size, kind, person) VALUES ('LONG', repeat('x', 21), '1', 'good', NULL),
        ('CONVERT', 'convert', 'large', NULL, NULL), ('OPTION', 'option', NULL, 'bad', NULL),
        ('WAITS', 'waits', NULL, NULL, 'JO'), ('INSERT', 'skip insert', NULL, NULL, NULL), ('ONLY', 'only me', NULL, NULL, NULL),
        ('TWICE', 'twice', NULL, NULL, NULL), ('TAKEN', 'taken', NULL, NULL, NULL);
      UPDATE nav.thing SET name = 'skip modify' WHERE no = 'MODIFY';
      UPDATE nav.thing SET name = 'here' WHERE no = 'BOTH'; UPDATE crm.thing SET name = 'there' WHERE number = 'BOTH';
      DELETE FROM crm.thing WHERE number = 'GONE'`)
    await couplet.run('full')
    const { rows } = await couplet.store.query<{ code: string; key: string; message: string }>(
      `SELECT code, key, message FROM couplet.issue WHERE direction = 'to'`,
    )
    const things = await couplet.rows<{ id: string; no: string }>('SELECT id, no FROM nav.thing')
    const numbers = new Map(things.map(({ id, no }) => [`uuid:${id}`, no]))
    messages = new Map(rows.map(({ code, key, message }) => [`${code} ${numbers.get(key)}`, message]))
  })
  afterAll(() => couplet.close())

  it.each(catalogue)('%s', (code, key, parts) => {
    const message = messages.get(`${code} ${key}`) ?? [...messages.keys()].join(', ')
    for (const part of parts) expect(message).toMatch(part)
  })

  it('RECORD_NOT_IN_FILTER', async () => {
    await couplet.systems.query(`INSERT INTO nav.thing (no) VALUES ('OUT')`)
    const asked = { pairId: couplet.pair.id, mapping: 'THING', keys: ['OUT'], createMissing: true }
    const { run } = await requestRecords(
      { ...asked, requestedBy: 'test', reason: 'test', idempotencyKey: null, payloadHash: null },
      couplet.context.deps,
    )
    await couplet.ended(run.id)
    const [outcome] = await couplet.context.deps.stores.operations.listOutcomes({
      runId: run.id,
      jobId: null,
      mapping: null,
      limit: 10,
      before: null,
    })
    expect(outcome).toMatchObject({ code: 'RECORD_NOT_IN_FILTER' })
    expect(outcome?.message).toContain('OUT')
    expect(outcome?.message).toContain(`no <> 'OUT'`)
  })

  it('FULL_SYNC_RUNNING', async () => {
    const full = { ...request(couplet.pair.id, 'full'), requestedBy: 'somebody' }
    const started = await startRun(full, couplet.context.deps)
    const error = await startRun(full, couplet.context.deps).catch((thrown: unknown) => thrown)
    await couplet.ended(started.run.id)
    expect(error).toMatchObject({ code: 'FULL_SYNC_RUNNING' })
    expect(String(error)).toMatch(/since \d{4}-.*asked for by somebody/)
  })

  it('PRIVILEGE_MISSING', async () => {
    const reader = await createReader(couplet.systems, couplet.env['SYSTEMS_URL'] ?? '')
    await couplet.systems.query(`INSERT INTO nav.person VALUES ('NEW');
      GRANT USAGE ON SCHEMA crm TO ${reader.name}; GRANT SELECT ON crm.person TO ${reader.name}`)
    process.env['READER_URL'] = reader.url
    const at = (url: string, schema: string) => ({ kind: 'postgres', url, schema, company: '' }) as const
    const pair = await setUpPair(
      { name: 'limited', local: at('env:SYSTEMS_URL', 'nav'), remote: at('env:READER_URL', 'crm') },
      couplet.context.deps,
    )
    await importAll(pair, [person], couplet.context)
    const { run } = await startRun(request(pair.id, 'full'), couplet.context.deps)
    const { lines } = await couplet.ended(run.id)
    await reader.drop()
    expect(lines).toMatchObject([{ state: 'failed', error: { code: 'PRIVILEGE_MISSING' } }])
    for (const part of ['limited-remote', reader.name, 'person', 'INSERT'])
      expect(lines[0]?.error?.message).toContain(part)
  })

  it.each([
    [
      'NO_FIELD_MAPPINGS',
      { fields: [{ local: 'name', remote: 'name', direction: 'ToIntegrationTable' }] },
      [/THING.*local side/],
    ],
    [
      'NO_MAPPING_FOR_REFERENCE',
      { fields: [...thing.fields, { local: 'size', remote: 'kind', reference: { mapping: 'NOWHERE' } }] },
      ['NOWHERE', 'thing.size', 'thing.kind'],
    ],
    [
      'DIRECTION_NOT_ALLOWED',
      {
        direction: 'FromIntegrationTable',
        fields: [{ local: 'name', remote: 'name', direction: 'ToIntegrationTable' }],
      },
      ['THING', 'FromIntegrationTable'],
    ],
  ] as const)('%s', async (code, changes, parts) => {
    const definition = MappingDefinition.parse({ ...thing, ...changes })
    const problems = await checkMappings(couplet.pair, [definition], couplet.context.deps)
    const found = problems.find((problem) => problem.code === code)
    for (const part of parts) expect(found?.message ?? JSON.stringify(problems)).toMatch(part)
    expect(found?.remedy).not.toBe('')
  })
})
