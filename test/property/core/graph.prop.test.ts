import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyGraph, planOrder } from '../../../src/core/sync/graph.ts'
import type { Line, LineState } from '../../../src/core/sync/run.ts'

/** A graph without cycles: node i depends only on smaller ones; positions are shuffled so that they do not help. */
const acyclic = fc
  .array(fc.tuple(fc.array(fc.nat(), { maxLength: 4 }), fc.nat(5)), { minLength: 1, maxLength: 25 })
  .map((nodes) =>
    nodes.map(([raw, position], index) => ({
      name: `M${index}`,
      position,
      dependsOn: index === 0 ? [] : [...new Set(raw.map((n) => n % index))].map((n) => `M${n}`),
    })),
  )

type Node = { name: string; position: number; dependsOn: string[] }

function linesOf(nodes: readonly Node[]): Line[] {
  return nodes.map((node, id) => ({
    id,
    runId: 1,
    pairId: 1,
    mappingId: id,
    mappingName: node.name,
    mappingVersion: 1,
    position: node.position,
    selection: 'all',
    state: 'pending',
    dependsOn: node.dependsOn.map((name) => Number(name.slice(1))),
    ignoredDependencies: [],
    generation: 1,
    error: null,
    blockedBy: [],
    startedAt: null,
    finishedAt: null,
  }))
}

function applied(lines: readonly Line[]): Line[] {
  const changes = new Map(applyGraph(lines).map((change) => [change.id, change]))
  const next = lines.map((line) => ({ ...line, ...changes.get(line.id) }))
  expect(applyGraph(next)).toEqual([])
  return next
}

/** Ends one ready line after the other, chosen by `pick`, until none is ready. */
function simulate(lines: readonly Line[], ends: ReadonlyMap<number, LineState>, pick: number): Line[] {
  let current = applied(lines)
  for (;;) {
    const ready = current.filter((line) => line.state === 'ready')
    const chosen = ready[pick % Math.max(1, ready.length)]
    if (!chosen) return current
    const state = ends.get(chosen.id) ?? 'finished'
    current = applied(current.map((line) => (line.id === chosen.id ? { ...line, state } : line)))
  }
}

function dependentsOf(root: number, lines: readonly Line[]): Set<number> {
  const found = new Set<number>()
  for (const line of lines) {
    if (line.dependsOn.some((id) => id === root || found.has(id))) found.add(line.id)
  }
  return found
}

describe('the graph of a run', () => {
  it('is ordered so that every mapping comes after its dependencies, each exactly once', () => {
    fc.assert(
      fc.property(acyclic, fc.infiniteStream(fc.nat()), (nodes, random) => {
        const shuffled = nodes
          .map((node) => ({ node, at: random.next().value ?? 0 }))
          .sort((a, b) => a.at - b.at)
          .map(({ node }) => node)
        const { order, cycles } = planOrder(shuffled)
        expect(cycles).toEqual([])
        expect(new Set(order)).toEqual(new Set(nodes.map((node) => node.name)))
        expect(order).toHaveLength(nodes.length)
        expect(order).toEqual(planOrder(nodes).order)
        for (const node of nodes) {
          for (const name of node.dependsOn)
            expect(order.indexOf(name)).toBeLessThan(order.indexOf(node.name))
        }
      }),
    )
  })

  it('finds a cycle exactly when one was added', () => {
    fc.assert(
      fc.property(acyclic, fc.nat(), fc.nat(), (nodes, a, b) => {
        const from = a % nodes.length
        const to = b % nodes.length
        const lines = linesOf(nodes)
        const closes = from === to || dependentsOf(from, lines).has(to)
        const changed = nodes.map((node, index) =>
          index === from ? { ...node, dependsOn: [...node.dependsOn, `M${to}`] } : node,
        )
        const { order, cycles } = planOrder(changed)
        expect(cycles.length > 0).toBe(closes)
        if (closes) expect(cycles.flat()).toContain(`M${from}`)
        else expect(order).toHaveLength(nodes.length)
      }),
    )
  })

  it('ends with every line finished when none fails', () => {
    fc.assert(
      fc.property(acyclic, fc.nat(), (nodes, pick) => {
        const end = simulate(linesOf(nodes), new Map(), pick)
        expect(end.every((line) => line.state === 'finished')).toBe(true)
      }),
    )
  })

  it('blocks exactly the dependents of a failed line, and they finish after its retry', () => {
    fc.assert(
      fc.property(acyclic, fc.nat(), fc.nat(), (nodes, raw, pick) => {
        const failed = raw % nodes.length
        const end = simulate(linesOf(nodes), new Map([[failed, 'failed']]), pick)
        const dependents = dependentsOf(failed, end)
        for (const line of end) {
          const expected = line.id === failed ? 'failed' : dependents.has(line.id) ? 'blocked' : 'finished'
          expect(line.state).toBe(expected)
          expect(line.blockedBy).toEqual(expected === 'blocked' ? [`M${failed}`] : [])
        }
        const retried = end.map((line): Line => (line.id === failed ? { ...line, state: 'ready' } : line))
        const after = simulate(retried, new Map(), pick)
        expect(after.every((line) => line.state === 'finished' && line.blockedBy.length === 0)).toBe(true)
      }),
    )
  })
})
