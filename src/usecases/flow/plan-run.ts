import { SyncError } from '../../core/errors.ts'
import { runPriority, type WishedPriority } from '../../core/jobs/priority.ts'
import { assertEnabled } from '../../core/mapping/assert-enabled.ts'
import { jobDirections } from '../../core/mapping/definition.ts'
import { effectiveDependencies } from '../../core/mapping/validate.ts'
import type { StoredMapping } from '../../core/ports/mapping-store.ts'
import type { NewLine, NewRun } from '../../core/ports/run-store.ts'
import { planOrder } from '../../core/sync/graph.ts'
import {
  type JobType,
  type LineChoice,
  plainOptions,
  type RunKind,
  type RunOptions,
  type Selection,
} from '../../core/sync/run.ts'

export interface RunRequest {
  readonly pairId: number
  readonly kind: Exclude<RunKind, 'records'>
  /** The one mapping of a `mapping`, `couple` or `uncouple` run, and of a `deletions` run; null: all that are enabled. */
  readonly mapping: string | null
  readonly keepCreating: 'yes' | 'no' | 'ask'
  readonly requestedBy: string
  readonly reason: string
  readonly idempotencyKey: string | null
  readonly payloadHash: string | null
  readonly scheduleId: number | null
  readonly slot: string | null
  /** Left out: normal. */
  readonly priority?: WishedPriority
  /** Left out: `scheduled` for a slot of a schedule, else `interactive`. */
  readonly work?: 'scheduled'
  /** As of NewRun. */
  readonly deduplicate?: boolean
  /** Who is told of the end of the run (docs/webhooks.md); left out or null: nobody. */
  readonly callbackUrl?: string | null
  /** What else holds in this run only (P12). */
  readonly overrides?: Partial<Pick<RunOptions, 'dryRun' | 'initialDirection' | 'includeSkipped'>>
  /** By mapping name: what a full synchronization does with it; `full` where nothing is said. */
  readonly choices?: Readonly<Record<string, LineChoice>>
}

/** What the lines of a run of this kind do. */
const jobTypeOf = {
  full: 'synchronization',
  modified: 'synchronization',
  mapping: 'synchronization',
  couple: 'coupling',
  uncouple: 'uncoupling',
  deletions: 'synchronization',
} as const satisfies Record<RunRequest['kind'], JobType>

/** Which records the lines of a run of this kind look at. */
const selectionOf = {
  full: 'all',
  modified: 'changes',
  mapping: 'changes',
  couple: 'all',
  uncouple: 'all',
  deletions: 'deletions',
} as const satisfies Record<RunRequest['kind'], Selection>

/** Nobody has to be coupled first where one mapping runs by itself, or nothing is transferred. */
const isOrdered = ({ kind }: RunRequest): boolean => kind === 'full' || kind === 'modified'

/**
 * Plans a run: one line per mapping with its dependencies. Dependencies on mappings that do not exist or are disabled
 * are ignored and shown; a cycle refuses the run (domain.md §13.5). A mapping that is named and disabled can only be
 * previewed. Pure.
 */
export function planRun(request: RunRequest, mappings: readonly StoredMapping[]): NewRun {
  const taking = mappings.filter((mapping) => takesPart(mapping, request))
  if (taking.length === 0) throw nothingToRun(request)
  if (!request.overrides?.dryRun) for (const { definition } of taking) assertEnabled(definition)
  const { order, cycles, ignored } = planOrder(
    taking.map(({ definition }) => ({
      name: definition.name,
      position: definition.position,
      dependsOn: isOrdered(request) ? effectiveDependencies(definition) : [],
    })),
  )
  const [cycle] = cycles
  if (cycle)
    throw new SyncError(
      'DEPENDENCY_CYCLE',
      `Mappings depend on each other: ${[...cycle, cycle[0]].join(' → ')}`,
    )
  const { overrides, choices: _, priority: _wished, work: _class, ...asked } = request
  refuseUnknown(request, mappings)
  refuseMatchless(request, taking)
  return {
    ...asked,
    options: {
      ...plainOptions,
      createMissing: request.kind === 'full',
      keepCreating: request.keepCreating,
      ...overrides,
    },
    priority: priorityOf(request),
    lines: order.map((name, index) =>
      planLine(getMapping(taking, name), index + 1, request, ignored.get(name) ?? []),
    ),
  }
}

function takesPart(mapping: StoredMapping, request: RunRequest): boolean {
  if (request.mapping !== null) return mapping.definition.name === request.mapping
  return mapping.definition.enabled && request.choices?.[mapping.definition.name] !== 'leave out'
}

/** A choice for a mapping that is not there, or disabled, would silently do nothing. */
function refuseUnknown(request: RunRequest, mappings: readonly StoredMapping[]): void {
  const named = [
    ...Object.keys(request.choices ?? {}),
    ...Object.keys(request.overrides?.initialDirection ?? {}),
  ]
  const enabled = new Set(
    mappings.filter(({ definition }) => definition.enabled).map(({ definition }) => definition.name),
  )
  const unknown = named.filter((name) => !enabled.has(name))
  if (unknown.length === 0) return
  const list = [...new Set(unknown)].join(', ')
  throw new SyncError('MAPPING_UNKNOWN', `There is no enabled mapping ${list} to choose anything for`)
}

/** Its line would fail, and block every line that depends on it, hours after somebody has made the choice. */
function refuseMatchless({ choices }: RunRequest, taking: readonly StoredMapping[]): void {
  const matchless = taking.filter(
    ({ definition: { name, fields } }) =>
      choices?.[name] === 'couple' && !fields.some(({ enabled, match }) => enabled && match),
  )
  if (matchless.length === 0) return
  const names = matchless.map(({ definition }) => definition.name).join(', ')
  throw new SyncError(
    'NO_MATCH_CRITERIA',
    `No enabled field mapping of ${names} has \`match\`, so its records cannot only be coupled; choose \`full\` or \`leave out\``,
  )
}

function nothingToRun(request: RunRequest): SyncError {
  return request.mapping !== null
    ? new SyncError('MAPPING_UNKNOWN', `There is no mapping ${request.mapping}`)
    : new SyncError(
        'MAPPING_UNKNOWN',
        'There is no enabled mapping to run: import some with `couplet mappings import`, or leave fewer out',
      )
}

function priorityOf(request: RunRequest): number {
  if (request.kind === 'full') return runPriority('full', request.priority)
  const work = request.work ?? (request.scheduleId === null ? 'interactive' : 'scheduled')
  return runPriority(work, request.priority)
}

function planLine(
  mapping: StoredMapping,
  position: number,
  request: RunRequest,
  ignored: readonly string[],
): NewLine {
  const { definition } = mapping
  const dependencies = isOrdered(request) ? effectiveDependencies(definition) : []
  return {
    mappingId: mapping.id,
    mappingVersion: mapping.version,
    position,
    selection: selectionOf[request.kind],
    jobType: request.choices?.[definition.name] === 'couple' ? 'coupling' : jobTypeOf[request.kind],
    directions: jobDirections(definition.direction),
    dependsOn: dependencies.filter((name) => !ignored.includes(name)),
    ignoredDependencies: ignored,
    requests: [],
  }
}

function getMapping(mappings: readonly StoredMapping[], name: string): StoredMapping {
  const found = mappings.find((mapping) => mapping.definition.name === name)
  if (!found) throw new SyncError('MAPPING_UNKNOWN', `There is no mapping ${name}`)
  return found
}

/** A line that only works off requested and due records of one mapping. */
export function requestLine(
  mapping: StoredMapping,
  position: number,
  requests: NewLine['requests'],
  jobType: JobType = 'synchronization',
): NewLine {
  return {
    mappingId: mapping.id,
    mappingVersion: mapping.version,
    position,
    selection: 'requests',
    jobType,
    directions: jobDirections(mapping.definition.direction),
    dependsOn: [],
    ignoredDependencies: [],
    requests,
  }
}
