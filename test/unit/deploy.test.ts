import { readFileSync } from 'node:fs'
import { Deployment } from 'kubernetes-models/apps/v1'
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2'
import { Job } from 'kubernetes-models/batch/v1'
import { ConfigMap, Service } from 'kubernetes-models/v1'
import { describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { BESIDE_HEAP_MB } from '../../src/app/functions/child-watch.ts'
import { settings } from '../../src/app/settings.ts'

const models = { ConfigMap, Deployment, HorizontalPodAutoscaler, Job, Service }
const commands = ['api', 'migrate', 'scheduler', 'worker']
const known = new Set<string>(Object.values(settings).map(({ variable }) => variable))
const read = (name: string): string =>
  readFileSync(new URL(`../../docs/deploy/${name}`, import.meta.url), 'utf8')

/** What a process may take up to its own limit, with one module of functions beside it. */
const roomFor = (environment: Readonly<Record<string, string>>): number =>
  Number(environment['COUPLET_MEMORY_LIMIT_MB']) + Number(settings.functionMemoryMb.default) + BESIDE_HEAP_MB

/** `1Gi`, `1536Mi`, `1536M` or `1G`, as MB of 1,048,576. */
const Megabytes = z
  .string()
  .regex(/^\d+[GM]i?$/)
  .transform((text) => Number.parseInt(text, 10) * (text.includes('G') ? 1_024 : 1))

describe('docs/deploy/kubernetes.yaml', () => {
  const Resource = z.looseObject({
    kind: z.enum(Object.keys(models) as (keyof typeof models)[]),
    metadata: z.object({ name: z.string() }),
  })
  const resources = parseAllDocuments(read('kubernetes.yaml')).map((document) =>
    Resource.parse(document.toJS()),
  )
  const Sleep = z.tuple([z.literal('sleep'), z.string().transform(Number)])
  const Pod = z.object({
    spec: z.object({
      template: z.object({
        spec: z.object({
          terminationGracePeriodSeconds: z.number().optional(),
          containers: z.array(
            z.object({
              args: z.array(z.string()),
              securityContext: z.object({ runAsNonRoot: z.literal(true), runAsUser: z.number() }),
              lifecycle: z.object({ preStop: z.object({ exec: z.object({ command: Sleep }) }) }).optional(),
              resources: z.object({ limits: z.object({ memory: Megabytes }) }).optional(),
            }),
          ),
        }),
      }),
    }),
  })
  const config = z
    .object({ data: z.record(z.string(), z.string()) })
    .parse(resources.find(({ kind }) => kind === 'ConfigMap')).data

  test('is valid by the schema of each kind, and the schema is one that refuses', () => {
    // The models are classes of constructors that take any document of their kind.
    const validate = (resource: z.infer<typeof Resource>) =>
      new models[resource.kind](resource as never).validate()
    for (const resource of resources) expect(() => validate(resource), resource.metadata.name).not.toThrow()
    const [deployment] = resources.filter(({ kind }) => kind === 'Deployment')
    expect(() => validate({ ...Resource.parse(deployment), spec: { replicas: 'two' } })).toThrow()
  })

  test('runs a Deployment for each kind of process, two schedulers among them, and migrates in a Job', () => {
    const shown = resources.flatMap((resource) => {
      if (resource.kind !== 'Deployment' && resource.kind !== 'Job') return []
      return [[resource.kind, Pod.parse(resource).spec.template.spec.containers[0]?.args[0]]]
    })
    expect(shown).toEqual([
      ['Job', 'migrate'],
      ['Deployment', 'api'],
      ['Deployment', 'scheduler'],
      ['Deployment', 'worker'],
    ])
    expect(resources.find(({ metadata }) => metadata.name === 'couplet-scheduler')).toMatchObject({
      spec: { replicas: 2 },
    })
  })

  test('sets only variables that exist, gives a process time to stop, and memory also for functions beside it', () => {
    for (const name of Object.keys(config)) expect(known, name).toContain(name)
    for (const resource of resources.filter(({ kind }) => kind === 'Deployment')) {
      const { terminationGracePeriodSeconds, containers } = Pod.parse(resource).spec.template.spec
      const [, pause = 0] = containers[0]?.lifecycle?.preStop.exec.command ?? []
      expect(terminationGracePeriodSeconds).toBeGreaterThan(
        pause + Number(config['COUPLET_SHUTDOWN_SECONDS']),
      )
      // What is asked from outside goes on answering until nobody sends it requests any more.
      expect(pause > 0).toBe(containers[0]?.args[0] === 'api')
      expect(containers[0]?.resources?.limits.memory).toBeGreaterThanOrEqual(roomFor(config))
    }
  })

  test('runs as the user of the image, by a number: Kubernetes starts no image whose user might be root', () => {
    const dockerfile = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8')
    const user = /^USER (\d+):\d+$/m.exec(dockerfile)?.[1]
    expect(Number(user)).toBeGreaterThan(0)
    for (const resource of resources.filter(({ kind }) => kind === 'Deployment' || kind === 'Job'))
      for (const { securityContext } of Pod.parse(resource).spec.template.spec.containers)
        expect(securityContext.runAsUser).toBe(Number(user))
  })

  test('scales workers by a metric that there is', () => {
    const page = readFileSync(new URL('../../docs/observability.md', import.meta.url), 'utf8')
    const scaler = JSON.stringify(resources.find(({ kind }) => kind === 'HorizontalPodAutoscaler'))
    const [, metric] = /"metric":\{"name":"(\w+)"/.exec(scaler) ?? []
    expect(page).toContain(`${metric}{queue}`)
    expect(scaler).toContain('"name":"couplet-worker"')
    const { rules } = parse(read('prometheus-adapter.yaml'))
    const Rule = z.object({ seriesQuery: z.string(), metricsQuery: z.string() })
    const [rule] = z.object({ external: z.array(Rule).length(1) }).parse(rules).external
    expect(rule?.seriesQuery).toContain(`__name__="${metric}"`)
    // Each process of two APIs and two schedulers tells it, and the scaler adds up what it is given.
    expect(rule?.metricsQuery).toBe('max(<<.Series>>{<<.LabelMatchers>>}) by (queue)')
  })
})

describe('docs/deploy/couplet@.service', () => {
  const lines = read('couplet@.service').split('\n')
  const settingOf = (name: string) =>
    lines.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1)
  const environment = Object.fromEntries(
    settingOf('Environment')
      ?.split(' ')
      .map((pair) => pair.split('=')) ?? [],
  )

  test('is made of sections and settings, and starts a command that there is', () => {
    for (const line of lines.filter((each) => each && !each.startsWith('#')))
      expect(line).toMatch(/^(\[\w+\]|[A-Z]\w+=\S.*)$/)
    expect(settingOf('ExecStart')).toBe('/usr/bin/couplet %i')
    for (const [, name = ''] of read('couplet@.service').matchAll(/couplet@(\w+)/g))
      expect(commands).toContain(name)
  })

  test('starts a process again that leaves because it is unwell, and waits longer than it takes to stop', () => {
    expect(settingOf('Restart')).toBe('always')
    const waits = Number(settingOf('TimeoutStopSec'))
    expect(waits).toBeGreaterThan(Number(environment['COUPLET_SHUTDOWN_SECONDS']))
    for (const name of Object.keys(environment)) if (name !== 'NODE_ENV') expect(known).toContain(name)
  })

  test('has memory also for functions beside the process, and outlives one of them that has none', () => {
    expect(Megabytes.parse(settingOf('MemoryMax'))).toBeGreaterThanOrEqual(roomFor(environment))
    expect(settingOf('OOMPolicy')).toBe('continue')
  })
})
