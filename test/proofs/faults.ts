/** One deliberate fault in the product, and the test that has to notice it (docs/proofs.md). */
export interface Fault {
  /** What somebody could get wrong. */
  readonly name: string
  /** Promise of docs/architecture.md, or chapter of the rules, that it breaks. */
  readonly breaks: string
  readonly file: string
  /** Stands exactly once in the file. */
  readonly find: string
  readonly replace: string
  readonly caughtBy: { readonly file: string; readonly test: string }
}

const contract = 'test/integration/store-contract.pg.test.ts'

export const faults: readonly Fault[] = [
  {
    name: 'The page commit does not check the fence',
    breaks: 'P2',
    file: 'src/store/leases/fence.ts',
    find: 'if (fence.resources.length === 0 || held.rows.length !== new Set(fence.resources).size) {',
    replace: 'if (held.rows.length < 0) {',
    caughtBy: { file: contract, test: 'every write of a worker repeats the fence' },
  },
  {
    name: 'A renewed lease leaves the deadline of its page intent where it was',
    breaks: 'P2',
    file: 'src/store/leases/lease-store.ts',
    find: 'set deadline_at = deadline_at +',
    replace: 'set deadline_at = deadline_at + 0 *',
    caughtBy: { file: contract, test: 'P2: its deadline moves on with every renewal' },
  },
  {
    name: 'The base moves in fields that are still to be carried to the other side',
    breaks: 'P4',
    file: 'src/core/sync/settle.ts',
    find: 'const keeps = left.has(field) || foreign.has(field)',
    replace: 'const keeps = foreign.has(field)',
    caughtBy: {
      file: 'test/property/plan.prop.test.ts',
      test: 'P4, P5: edits between two passes all arrive',
    },
  },
  {
    name: 'A record with something left to carry counts as settled',
    breaks: 'P4',
    file: 'src/core/sync/settle.ts',
    find: 'version: isSettled ? record.version : null,',
    replace: 'version: record.version,',
    caughtBy: {
      file: 'test/integration/full-sync.e2e.test.ts',
      test: 'merges edits of different fields of one record',
    },
  },
  {
    name: 'What the destination changes by itself while it takes a write is swallowed into the base',
    breaks: 'P4',
    file: 'src/core/sync/settle.ts',
    find: '.filter((name) => (before?.values[name] ?? null) !== (after.values[name] ?? null))',
    replace: '.filter(() => false)',
    caughtBy: {
      file: 'test/integration/side-effects.e2e.test.ts',
      test: 'is a change of its own side, carried back once',
    },
  },
  {
    name: 'A write is not conditional on the version that was read',
    breaks: 'P4',
    file: 'src/connectors/postgres/write-updates.ts',
    find: 'AND ${shape.versionSql} IS NOT DISTINCT FROM v.version',
    replace: 'AND (true OR v.version IS NULL)',
    caughtBy: { file: 'test/contract/connector/postgres.pg.test.ts', test: 'version' },
  },
  {
    name: 'The watermark passes transactions that have not committed yet',
    breaks: 'P4',
    file: 'src/connectors/postgres/watermark.ts',
    find: 'ELSE begun - $1::int8',
    replace: 'ELSE clock_timestamp() - $1::int8',
    caughtBy: { file: 'test/contract/connector/postgres.pg.test.ts', test: 'commit' },
  },
  {
    name: 'Each try to create a record has another idempotency token',
    breaks: 'P3',
    file: 'src/core/coupling/identity.ts',
    find: '${side}/${generation}/${sourceKey}`',
    replace: '${side}/${Math.random()}/${sourceKey}`',
    caughtBy: { file: 'test/integration/lost-creations.e2e.test.ts', test: 'P3' },
  },
  {
    name: 'The intent of a page does not say what is about to be written',
    breaks: 'P2',
    file: 'src/usecases/page/write.ts',
    find: 'jobId: frame.jobId,\n    writes,',
    replace: 'jobId: frame.jobId,\n    writes: [],',
    caughtBy: { file: 'test/integration/late-writes.e2e.test.ts', test: 'P2, P4' },
  },
  {
    name: 'A record under a mapped key is adopted whatever it holds',
    breaks: 'P3',
    file: 'src/usecases/page/adopt.ts',
    find: "return facts.isOurs ? null : 'was not created by this mapping'",
    replace: 'return null',
    caughtBy: { file: 'test/integration/mapped-serial-key.e2e.test.ts', test: 'P3' },
  },
  {
    name: 'A key that another coupling holds is given to a new record',
    breaks: 'P6',
    file: 'src/usecases/page/taken-keys.ts',
    find: 'if (holder === undefined || givenUp.has(key)) continue',
    replace: 'if (holder !== null) continue',
    caughtBy: { file: 'test/integration/mapped-keys.e2e.test.ts', test: 'is given to no new record' },
  },
  {
    name: 'A rejected bulk write fails all its records',
    breaks: 'P6',
    file: 'src/connectors/postgres/split-on-failure.ts',
    find: 'if (items.length === 1) return reject(first, error)',
    replace: 'for (const item of items) await reject(item, error)\n    if (items.length > 0) return',
    caughtBy: { file: 'test/integration/full-sync.e2e.test.ts', test: 'one bad record fails alone' },
  },
  {
    name: 'The coupling a record waits for does not release it',
    breaks: 'P10',
    file: 'src/store/sync/commit/issues.ts',
    find: 'if (releases.length === 0) return',
    replace: 'if (releases.length >= 0) return',
    caughtBy: { file: contract, test: 'the coupling a record waits for makes it due' },
  },
  {
    name: 'An outcome is counted for one of the jobs that asked for the record',
    breaks: 'P7',
    file: 'src/usecases/page/commit.ts',
    find: 'for (const jobId of item.jobIds) {',
    replace: 'for (const jobId of item.jobIds.slice(0, 0)) {',
    caughtBy: {
      file: 'test/integration/full-sync.e2e.test.ts',
      test: 'the counters of every job equal its ledger',
    },
  },
  {
    name: 'A request that came while its record was being served is removed with the older one',
    breaks: 'P4',
    file: 'src/store/sync/commit/inbox.ts',
    find: 'where i.id = w.id and i.seq = w.seq and',
    replace: 'where i.id = w.id and',
    caughtBy: { file: contract, test: 'a record asked for again while a page works on it' },
  },
  {
    name: 'The answer to the question overwrites what somebody has edited meanwhile',
    breaks: 'P12',
    file: 'src/usecases/question/answer-question.ts',
    find: 'expectedVersion: mapping.version,',
    replace: 'expectedVersion: null,',
    caughtBy: {
      file: 'test/integration/requests.e2e.test.ts',
      test: 'an edit between question and answer wins',
    },
  },
  {
    name: 'A repeated request starts a second run',
    breaks: 'P11',
    file: 'src/usecases/flow/start-run.ts',
    find: 'if (created) await enqueueRun',
    replace: 'if (planned) await enqueueRun',
    caughtBy: { file: 'test/integration/api-runs.e2e.test.ts', test: 'the same idempotency key is one run' },
  },
  {
    name: 'A failed line does not block its dependents',
    breaks: 'P10',
    file: 'src/core/sync/graph.ts',
    find: "if (line.state === 'failed' || line.state === 'cancelled') roots.add(line.mappingName)",
    replace: "if (line.state === 'cancelled') roots.add(line.mappingName)",
    caughtBy: { file: contract, test: 'a failed line blocks exactly its dependents' },
  },
  {
    name: 'A run whose queue job is lost is not enqueued again',
    breaks: 'P1',
    file: 'src/usecases/flow/sweep.ts',
    find: 'await enqueueAnew({ run, lines }, deps)',
    replace: 'if (run.id < 0) await enqueueAnew({ run, lines }, deps)',
    caughtBy: {
      file: 'test/integration/api-health.e2e.test.ts',
      test: 'takes a run while the queue is down',
    },
  },
  {
    name: 'Text that is too long is cut',
    breaks: '§8.3',
    file: 'src/core/values/convert-text.ts',
    find: 'if (length > maxLength) return tooLong(value, length, maxLength)',
    replace: 'if (length > maxLength) return converted(value.slice(0, maxLength + tagLength) as Value)',
    caughtBy: {
      file: 'test/property/core',
      test: 'to text of limited length keeps every character or fails',
    },
  },
  {
    name: 'A mapping that was edited keeps taking the short way',
    breaks: '§7.4',
    file: 'src/usecases/page/sort-out.ts',
    find: 'if (coupling.mappingVersion !== session.mapping.version || known.version === null) return null',
    replace: 'if (known.version === null) return null',
    caughtBy: { file: 'test/integration/mapping-changes.e2e.test.ts', test: '' },
  },
  {
    name: 'Two records that match one candidate are not ambiguous',
    breaks: 'P3',
    file: 'src/usecases/page/matching.ts',
    find: 'rivals: Math.max(match.rivals, most)',
    replace: 'rivals: match.rivals',
    caughtBy: {
      file: 'test/integration/mapping-changes.e2e.test.ts',
      test: 'two records that find one candidate by different spellings',
    },
  },
]
