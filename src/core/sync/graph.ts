import { indexBy } from '../../lib/group.ts'
import type { Line, LineState } from './run.ts'

/** A line whose state or list of blocking lines is out of date, with what it has to become. */
export interface LineChange {
  readonly id: number
  readonly state: LineState
  readonly blockedBy: readonly string[]
}

/**
 * The changes that bring the waiting lines of one run up to date: ready when every dependency is finished, blocked
 * while one has failed or was cancelled (directly or further back), pending otherwise. Lines that have begun or ended
 * are never changed. `blockedBy` names the lines at the root of the trouble, sorted. Applying it twice changes nothing.
 */
export function applyGraph(lines: readonly Line[]): readonly LineChange[] {
  const byId = indexBy(lines, (line) => line.id)
  const rootsById = new Map<number, ReadonlySet<string>>()
  return lines
    .filter((line) => line.state === 'pending' || line.state === 'blocked')
    .map((line) => waitingState(line, byId, rootsById))
    .filter((change) => isChange(change, byId.get(change.id)))
}

function waitingState(
  line: Line,
  byId: ReadonlyMap<number, Line>,
  rootsById: Map<number, ReadonlySet<string>>,
): LineChange {
  const blockedBy = [...rootsOf(line, byId, rootsById)].sort()
  if (blockedBy.length > 0) return { id: line.id, state: 'blocked', blockedBy }
  const isReady = line.dependsOn.every((id) => (byId.get(id)?.state ?? 'finished') === 'finished')
  return { id: line.id, state: isReady ? 'ready' : 'pending', blockedBy }
}

/** Names of the failed or cancelled lines that keep this one from ever becoming ready. */
function rootsOf(
  line: Line,
  byId: ReadonlyMap<number, Line>,
  rootsById: Map<number, ReadonlySet<string>>,
): ReadonlySet<string> {
  const known = rootsById.get(line.id)
  if (known) return known
  const roots = new Set<string>()
  rootsById.set(line.id, roots)
  if (line.state === 'failed' || line.state === 'cancelled') roots.add(line.mappingName)
  if (line.state === 'pending' || line.state === 'blocked') {
    for (const id of line.dependsOn) {
      const dependency = byId.get(id)
      if (dependency) for (const root of rootsOf(dependency, byId, rootsById)) roots.add(root)
    }
  }
  return roots
}

function isChange(change: LineChange, line: Line | undefined): boolean {
  return change.state !== line?.state || change.blockedBy.join('\n') !== [...line.blockedBy].sort().join('\n')
}

export interface OrderedMapping {
  readonly name: string
  readonly position: number
  readonly dependsOn: readonly string[]
}

export interface PlannedOrder {
  /** Every mapping that is neither part of a cycle nor behind one, dependencies first. */
  readonly order: readonly string[]
  /** The members of each cycle, sorted like independent mappings. */
  readonly cycles: readonly (readonly string[])[]
  /** Per mapping the dependencies that are not among the mappings given. */
  readonly ignored: ReadonlyMap<string, readonly string[]>
}

/**
 * Orders mappings so that each comes after its dependencies; among those that could come next the lowest position
 * goes first, then the name (domain.md §13.5). Dependencies on absent mappings are ignored and reported.
 */
export function planOrder(mappings: readonly OrderedMapping[]): PlannedOrder {
  const byName = indexBy(mappings, (mapping) => mapping.name)
  const ignored = new Map<string, readonly string[]>()
  for (const mapping of mappings) {
    const absent = mapping.dependsOn.filter((name) => !byName.has(name))
    if (absent.length > 0) ignored.set(mapping.name, absent)
  }
  const open = [...byName.values()].sort(byPositionThenName)
  const order = takeInOrder(open, byName)
  return { order, cycles: findCycles(open, byName), ignored }
}

function byPositionThenName(a: OrderedMapping, b: OrderedMapping): number {
  return a.position - b.position || (a.name < b.name ? -1 : Number(a.name > b.name))
}

/** Moves mappings from `open` to the order, one at a time, as long as one has no open dependency. */
function takeInOrder(open: OrderedMapping[], byName: ReadonlyMap<string, OrderedMapping>): string[] {
  const taken = new Set<string>()
  const isFree = (mapping: OrderedMapping) =>
    mapping.dependsOn.every((name) => taken.has(name) || !byName.has(name))
  for (let next = open.findIndex(isFree); next >= 0; next = open.findIndex(isFree)) {
    for (const mapping of open.splice(next, 1)) taken.add(mapping.name)
  }
  return [...taken]
}

/** What is left when nothing is free contains the cycles: groups whose members all reach each other. */
function findCycles(
  open: readonly OrderedMapping[],
  byName: ReadonlyMap<string, OrderedMapping>,
): string[][] {
  const reach = new Map(open.map((mapping) => [mapping.name, reachableFrom(mapping, byName)]))
  const grouped = new Set<string>()
  const cycles: string[][] = []
  for (const { name } of open) {
    if (grouped.has(name) || !reach.get(name)?.has(name)) continue
    const members = open.filter(
      (other) => reach.get(name)?.has(other.name) && reach.get(other.name)?.has(name),
    )
    for (const member of members) grouped.add(member.name)
    cycles.push(members.map((member) => member.name))
  }
  return cycles
}

/** Names of all mappings that this one depends on, directly or not; itself only when it is part of a cycle. */
function reachableFrom(start: OrderedMapping, byName: ReadonlyMap<string, OrderedMapping>): Set<string> {
  const seen = new Set<string>()
  const stack = [...start.dependsOn]
  for (let name = stack.pop(); name !== undefined; name = stack.pop()) {
    const mapping = byName.get(name)
    if (!mapping || seen.has(name)) continue
    seen.add(name)
    stack.push(...mapping.dependsOn)
  }
  return seen
}
