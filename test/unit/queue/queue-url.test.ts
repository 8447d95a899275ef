import { describe, expect, it } from 'vitest'
import { parseQueueUrl } from '../../../src/queue/queue-url.ts'

const parse = (url: string) => parseQueueUrl(url, 'QUEUE_URL')

describe('a queue URL', () => {
  it('names a Redis server, with user, password, TLS and database', () => {
    expect(parse('redis://localhost')).toEqual({
      kind: 'redis',
      hosts: [{ host: 'localhost', port: 6379 }],
      db: 0,
      username: null,
      password: null,
      tls: false,
      shown: 'localhost:6379',
    })
    expect(parse('rediss://me:p%40ss:word@cache.example:6380/3')).toEqual({
      kind: 'redis',
      hosts: [{ host: 'cache.example', port: 6380 }],
      db: 3,
      username: 'me',
      password: 'p@ss:word',
      tls: true,
      shown: 'cache.example:6380',
    })
    expect(parse('redis://:secret@[::1]:6379')).toMatchObject({ username: null, password: 'secret' })
    expect(parse('redis://[::1]:6379')).toMatchObject({ hosts: [{ host: '::1', port: 6379 }] })
  })

  it('names the sentinels and the master they guard', () => {
    expect(parse('redis+sentinel://:pw@s1:26379,s2,s3:26380/mymaster/2')).toEqual({
      kind: 'sentinel',
      hosts: [
        { host: 's1', port: 26379 },
        { host: 's2', port: 26379 },
        { host: 's3', port: 26380 },
      ],
      master: 'mymaster',
      db: 2,
      username: null,
      password: 'pw',
      tls: false,
      shown: 's1:26379,s2:26379,s3:26380',
    })
  })

  it('names the nodes of a cluster', () => {
    expect(parse('rediss+cluster://n1:7000,n2:7001')).toMatchObject({
      kind: 'cluster',
      hosts: [
        { host: 'n1', port: 7000 },
        { host: 'n2', port: 7001 },
      ],
      tls: true,
    })
  })

  it('names a Postgres database', () => {
    expect(parse('postgres://me:secret@db/queue')).toEqual({
      kind: 'postgres',
      url: 'postgres://me:secret@db/queue',
      shown: 'db:5432',
    })
    expect(parse('postgresql://me@db:5433/queue?sslmode=require')).toMatchObject({ shown: 'db:5433' })
    expect(parse('postgres:///queue?host=/run/postgresql')).toMatchObject({ shown: '/run/postgresql:5432' })
  })

  for (const url of [
    'localhost:6379',
    'http://user:hush@localhost',
    'mysql://user:hush@localhost',
    'redis://',
    'redis://user:hush@:6379',
    'redis://user:hush@host:port',
    'redis://user:hush@host/queue',
    'redis+sentinel://user:hush@host:26379',
  ]) {
    it(`is refused when it is ${url}, without showing it`, () => {
      expect(() => parse(url)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
      expect(() => parse(url)).toThrow(/^QUEUE_URL /)
      expect(() => parse(url)).not.toThrow(/hush/)
    })
  }
})
