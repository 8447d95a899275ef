import { nameOf, type Principal } from '../../../core/access/principal.ts'
import { SyncError } from '../../../core/errors.ts'
import type { MappingDefinition } from '../../../core/mapping/definition.ts'
import type { Deps } from '../../../usecases/deps.ts'
import { enableMapping } from '../../../usecases/setup/enable-mapping.ts'
import { getPairByName } from '../../../usecases/setup/get-pair.ts'
import { type ImportReport, importMappings } from '../../../usecases/setup/import-mappings.ts'
import type { Asked } from '../../contract/endpoint.ts'
import * as contract from '../../contract/mappings.ts'
import type { FieldProblem } from '../../contract/problem.ts'
import { RequestRefusedError } from '../../refusal.ts'
import { serve } from '../../serve.ts'
import type { Server } from '../../server-type.ts'
import { tagOf } from './read-mappings.ts'

/** PUT /mappings/:name and POST /mappings/import: new versions of mappings, or only what is wrong with them. */
export function changeMappings(server: Server, deps: Deps): void {
  serve(server, contract.putMapping, async ({ params, headers, body, principal }, reply) => {
    const { pair, reason, dryRun, definition } = body
    const expected = expectedVersion(headers)
    assertNamedAlike(params.name, definition.name)
    if (expected === null && !dryRun) throw versionMissing(params.name)
    const options = expected === null ? { dryRun } : { dryRun, expected: new Map([[params.name, expected]]) }
    const found = await getPairByName(pair ?? null, deps)
    const report = await importMappings(found, [definition], author(principal, reason), deps, options)
    const answer = answerOf(report, () => 'definition')
    if (!dryRun) reply.header('etag', tagOf(answer.imported[0]?.version ?? 0))
    return answer
  })
  serve(server, contract.importMappings, async ({ body, principal }) => {
    const { pair, reason, dryRun, mappings } = body
    const names = mappings.map(({ definition }) => definition.name)
    assertOnce(names)
    const expected = new Map(mappings.map(({ definition, version }) => [definition.name, version]))
    const definitions: MappingDefinition[] = mappings.map(({ definition }) => definition)
    const found = await getPairByName(pair ?? null, deps)
    const options = { expected, dryRun }
    const report = await importMappings(found, definitions, author(principal, reason), deps, options)
    return answerOf(report, (name) => `mappings.${names.indexOf(name)}.definition`)
  })
}

/** POST /mappings/:name/enable and disable. */
export function enableMappings(server: Server, deps: Deps): void {
  for (const [endpoint, enabled] of [
    [contract.enableMapping, true],
    [contract.disableMapping, false],
  ] as const)
    serve(server, endpoint, async ({ params, body, principal }) => {
      const pair = await getPairByName(body.pair ?? null, deps)
      const by = author(principal, body.reason)
      return answerOf(await enableMapping(pair, params.name, enabled, by, deps), () => '')
    })
}

function author(principal: Principal, reason: string | undefined) {
  return { changedBy: nameOf(principal), reason: reason ?? 'Changed over HTTP' }
}

/** Null: nothing is said about it. */
function expectedVersion(headers: Asked<typeof contract.putMapping>['headers']): number | null {
  if (headers['if-none-match'] !== undefined) return 0
  return headers['if-match'] ?? null
}

function versionMissing(name: string): SyncError {
  return new SyncError(
    'PRECONDITION_MISSING',
    `Mapping ${name}: neither If-Match nor If-None-Match says which version was changed`,
  )
}

function assertNamedAlike(address: string, name: string): void {
  if (address === name) return
  const reason = `is not the name in the address, '${address}'; a mapping keeps its name`
  throw refused([{ field: 'definition.name', value: name, reason, remedy: 'Make the two names alike.' }])
}

function assertOnce(names: readonly string[]): void {
  const twice = names.flatMap((name, index) => (names.indexOf(name) < index ? [{ name, index }] : []))
  if (twice.length === 0) return
  throw refused(
    twice.map(({ name, index }) => ({
      field: `mappings.${index}.definition.name`,
      value: name,
      reason: 'stands here twice',
      remedy: 'Rename or remove one of them.',
    })),
  )
}

/** `place`: where the definition of a mapping stands in the request. Throws MAPPING_INVALID with every error. */
function answerOf({ imported, problems }: ImportReport, place: (mapping: string) => string) {
  const errors = problems.filter(({ severity }) => severity === 'error')
  const fields = errors.map(({ mapping, path, value, code, message: reason, remedy }): FieldProblem => {
    const field = [place(mapping), path.replace(/\[(\d+)\]/g, '.$1')].filter((part) => part !== '').join('.')
    return { field, value: value === '' ? null : value, reason, code, remedy }
  })
  if (fields.length > 0) throw refused(fields)
  return { imported, warnings: problems.map(({ severity: _, ...problem }) => problem) }
}

function refused(problems: readonly FieldProblem[]): RequestRefusedError {
  const list = problems.map(({ field, reason }) => `${field}: ${reason}`).join('; ')
  return new RequestRefusedError('MAPPING_INVALID', `Nothing was stored: ${list}`, { problems })
}
