import { describe, expect, it } from 'vitest'
import {
  type KnownSubscription,
  planSubscriptions,
  topicOf,
  topicText,
} from '../../../../src/connectors/business-central/subscriptions.ts'

const hour = 3_600_000
const now = Date.UTC(2024, 4, 1)
const known = (id: string, topic: string | null, leftHours: number): KnownSubscription => ({
  id,
  etag: `W/"${id}"`,
  topic,
  expiresMs: now + leftHours * hour,
})
const steps = (wanted: readonly string[], ...list: readonly KnownSubscription[]) =>
  planSubscriptions(wanted, list, now).map((step) =>
    step.kind === 'create' ? `create ${step.topic}` : `${step.kind} ${step.subscription.id}`,
  )

describe('webhook subscriptions', () => {
  it('are made for what is mapped, once', () => {
    expect(steps(['a', 'b', 'a'])).toEqual(['create a', 'create b'])
  })

  it('are left alone while more than half of their three days is left, and renewed then', () => {
    expect(steps(['a'], known('1', 'a', 37))).toEqual([])
    expect(steps(['a'], known('1', 'a', 35))).toEqual(['renew 1'])
  })

  it('are made again where they have expired, or the service has deleted them', () => {
    expect(steps(['a', 'b'], known('1', 'a', 0))).toEqual(['create a', 'create b'])
  })

  it('are removed where nobody wants them, or they are there twice; the one that lives longer stays', () => {
    expect(
      steps(['a'], known('1', 'a', 50), known('2', 'a', 60), known('3', 'b', 60), known('4', null, 60)),
    ).toEqual(['remove 3', 'remove 4', 'remove 1'])
  })
})

describe('the topic of a resource', () => {
  const id = 'C0A00000-0000-4000-8000-000000000001'

  it.each([
    [`/api/v2.0/companies(${id})/customers`, `/api/v2.0/companies(${id.toLowerCase()})/customers`],
    [
      `https://api.example/v2.0/t/Production/api/v2.0/companies(${id})/customers(${id})`,
      `/api/v2.0/companies(${id.toLowerCase()})/customers`,
    ],
    [
      `https://nav.example/BC/api/couplet/sync/v1.0/companies(${id})/resources?$filter=lastDateTimeModified%20gt%20x`,
      `/api/couplet/sync/v1.0/companies(${id.toLowerCase()})/resources`,
    ],
  ])('%s', (resource, expected) => {
    const topic = topicOf(resource)
    expect(topic && topicText(topic)).toBe(expected)
  })

  it.each([
    `/api/v2.0/companies(${id})`,
    '/api/v2.0/customers',
    `/ODataV4/Company('x')/Customer`,
    'nonsense',
  ])('%s has none', (resource) => {
    expect(topicOf(resource)).toBeNull()
  })
})
