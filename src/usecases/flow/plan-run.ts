import { SyncError } from '../../core/errors.ts'
import { jobDirections } from '../../core/mapping/definition.ts'
import { effectiveDependencies } from '../../core/mapping/validate.ts'
import type { StoredMapping } from '../../core/ports/mapping-store.ts'
import type { NewLine, NewRun } from '../../core/ports/run-store.ts'
import { planOrder } from '../../core/sync/graph.ts'
import type { RunKind, Selection } from '../../core/sync/run.ts'

/** Smaller is sooner: people and services first, then schedules, then full synchronizations. */
const priorities = { interactive: 1, scheduled: 5, full: 10 } as const

export interface RunRequest {
  readonly pairId: number
  readonly kind: Exclude<RunKind, 'records'>
  /** The one mapping of a `mapping` run. */
  readonly mapping: string | null
  readonly keepCreating: 'yes' | 'no' | 'ask'
  readonly requestedBy: string
  readonly reason: string
  readonly idempotencyKey: string | null
  readonly payloadHash: string | null
  readonly scheduleId: number | null
  readonly slot: string | null
}

/**
 * Plans a run: one line per mapping with its dependencies. Dependencies on mappings that do not exist or are disabled
 * are ignored and shown; a cycle refuses the run (domain.md §13.5). Pure.
 */
export function planRun(request: RunRequest, mappings: readonly StoredMapping[]): NewRun {
  const taking = mappings.filter((mapping) => takesPart(mapping, request))
  if (taking.length === 0) throw nothingToRun(request)
  const { order, cycles, ignored } = planOrder(
    taking.map(({ definition }) => ({
      name: definition.name,
      position: definition.position,
      dependsOn: request.kind === 'mapping' ? [] : effectiveDependencies(definition),
    })),
  )
  const [cycle] = cycles
  if (cycle)
    throw new SyncError(
      'DEPENDENCY_CYCLE',
      `Mappings depend on each other: ${[...cycle, cycle[0]].join(' → ')}`,
    )
  const selection = request.kind === 'full' ? 'all' : 'changes'
  return {
    ...request,
    options: { createMissing: request.kind === 'full', keepCreating: request.keepCreating },
    priority: priorityOf(request),
    lines: order.map((name, index) =>
      planLine(getMapping(taking, name), index + 1, selection, request, ignored.get(name) ?? []),
    ),
  }
}

function takesPart(mapping: StoredMapping, request: RunRequest): boolean {
  if (request.kind === 'mapping') return mapping.definition.name === request.mapping
  return mapping.definition.enabled
}

function nothingToRun(request: RunRequest): SyncError {
  return request.kind === 'mapping'
    ? new SyncError('MAPPING_UNKNOWN', `There is no mapping ${request.mapping}`)
    : new SyncError(
        'MAPPING_UNKNOWN',
        'There is no enabled mapping to run; import some with `couplet mappings import`',
      )
}

function priorityOf(request: RunRequest): number {
  if (request.kind === 'full') return priorities.full
  return request.scheduleId === null ? priorities.interactive : priorities.scheduled
}

function planLine(
  mapping: StoredMapping,
  position: number,
  selection: Selection,
  request: RunRequest,
  ignored: readonly string[],
): NewLine {
  const { definition } = mapping
  const dependencies = request.kind === 'mapping' ? [] : effectiveDependencies(definition)
  return {
    mappingId: mapping.id,
    mappingVersion: mapping.version,
    position,
    selection,
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
): NewLine {
  return {
    mappingId: mapping.id,
    mappingVersion: mapping.version,
    position,
    selection: 'requests',
    directions: jobDirections(mapping.definition.direction),
    dependsOn: [],
    ignoredDependencies: [],
    requests,
  }
}
