import { describe, expect, it } from 'vitest'
import { FairQueue, type Waiting } from '../../../../src/core/budget/fair-queue.ts'
import type { RequestLane } from '../../../../src/core/ports/request-budget.ts'

const one = (item: string, mapping: string | null, lane: RequestLane = 'scheduled'): Waiting<string> => ({
  item,
  mapping,
  lane,
})

function takeAll(queue: FairQueue<string>, cost: (waiting: Waiting<string>) => number = () => 1): string[] {
  const order: string[] = []
  for (let next = queue.next('scheduled'); next; next = queue.next('scheduled')) {
    queue.take(next, cost(next))
    order.push(next.item)
  }
  return order
}

describe('the queue of a worker', () => {
  it('takes mappings in turn, each in the order of arrival, however many wait in one of them', () => {
    const queue = new FairQueue<string>()
    for (const item of ['a1', 'a2', 'a3', 'b1', 'b2']) queue.add(one(item, item.slice(0, 1)))
    expect(takeAll(queue)).toEqual(['a1', 'b1', 'a2', 'b2', 'a3'])
  })

  it('charges what requests use: two cheap ones for one that costs double', () => {
    const queue = new FairQueue<string>()
    for (const item of ['a1', 'a2', 'a3', 'b1', 'b2', 'b3', 'b4']) queue.add(one(item, item.slice(0, 1)))
    const order = takeAll(queue, ({ mapping }) => (mapping === 'a' ? 2 : 1))
    expect(order.slice(0, 6).filter((item) => item.startsWith('a'))).toHaveLength(2)
  })

  it('a request that costs more than was expected sets its mapping back afterwards', () => {
    const queue = new FairQueue<string>()
    const [a, b] = [one('a1', 'a'), one('b1', 'b')]
    for (const waiting of [a, b]) queue.add(waiting)
    for (const waiting of [a, b]) queue.take(waiting, 1)
    queue.finished(a, 5)
    queue.finished(b, -0.5)
    for (const item of ['a2', 'b2', 'b3']) queue.add(one(item, item.slice(0, 1)))
    expect(takeAll(queue)).toEqual(['b2', 'b3', 'a2'])
  })

  it('a mapping that has been away gets no more than its turn', () => {
    const queue = new FairQueue<string>()
    for (let each = 0; each < 10; each++) queue.add(one(`a${each}`, 'a'))
    takeAll(queue)
    for (const item of ['b1', 'b2', 'b3', 'a1', 'a2', 'a3']) queue.add(one(item, item.slice(0, 1)))
    const order = takeAll(queue).map((item) => item.slice(0, 1))
    expect(order.slice(0, 4).filter((mapping) => mapping === 'a').length).toBeGreaterThanOrEqual(1)
  })

  it('keeps the lanes apart', () => {
    const queue = new FairQueue<string>()
    queue.add(one('s', 'a'))
    queue.add(one('i', 'a', 'interactive'))
    expect(queue.next('interactive')?.item).toBe('i')
    expect([queue.size('interactive'), queue.size('scheduled')]).toEqual([1, 1])
    expect(queue.all().map(({ item }) => item)).toEqual(['i', 's'])
  })

  it('forgets one that no longer waits', () => {
    const queue = new FairQueue<string>()
    const [first, second] = [one('1', 'a'), one('2', 'a')]
    queue.add(first)
    queue.add(second)
    queue.remove(first)
    expect(queue.next('scheduled')?.item).toBe('2')
    queue.remove(second)
    expect(queue.next('scheduled')).toBeNull()
    expect(queue.mappings).toBe(0)
  })

  it('counts the mappings that wait or run', () => {
    const queue = new FairQueue<string>()
    const [a, b] = [one('a', 'a'), one('b', 'b')]
    queue.add(a)
    queue.add(b)
    queue.take(a, 1)
    expect(queue.mappings).toBe(2)
    queue.finished(a, 0)
    expect(queue.mappings).toBe(1)
  })
})
