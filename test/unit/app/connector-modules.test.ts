import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConnectorModule, openModuleConnection } from '../../../src/app/connector-modules.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'couplet-connectors-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const methods =
  'check: async () => {}, listTables: async () => [], openTable: async () => null, close: async () => {}'
const write = (content: string, name = 'mine.ts') => writeFile(join(folder, name), content)
const resolveSecret = (reference: string) => `what ${reference} says`

function open(settings: Readonly<Record<string, string>>, from: string | null = folder) {
  return openModuleConnection({ id: 1, name: 'mine', kind: 'module', settings }, from, resolveSecret)
}

describe('a connector of one\u2019s own', () => {
  it('gets the name and the settings of its connection, its secrets and the kit', async () => {
    await write(`export const connector = { connect: ({ name, settings, readSecret, kit }) => ({ name, ${methods},
      listTables: async () => [settings.url, String('module' in settings), readSecret('token'), kit.encodeKey(['int:1'])] }) }`)
    const connector = await open({ module: './mine.ts', url: 'http://a', token: 'env:T' })
    expect(await connector.listTables(new AbortController().signal)).toEqual([
      'http://a',
      'false',
      'what env:T says',
      'int:1',
    ])
  })

  it('throws errors that are known for what they are', async () => {
    await write(
      `export const connector = { connect({ kit }) { throw new kit.SyncError('CONFIG_INVALID', 'url is missing') } }`,
    )
    await expect(open({ module: 'mine.ts' })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: 'url is missing',
    })
  })

  it.each([
    ['no setting', {}, 'names no file'],
    ['a file that is not there', { module: 'other.ts' }, "module = 'other.ts' cannot be read"],
    ['a file outside of the folder', { module: '../../etc/hosts' }, 'module = '],
    ['a file that exports none', { module: 'none.ts' }, 'does not export a `connector`'],
    ['a file that cannot be run', { module: 'broken.ts' }, 'cannot be run'],
    ['a connector that lacks a method', { module: 'half.ts' }, 'has no openTable, close'],
    ['a connector under another name', { module: 'alias.ts' }, 'does not have the name of the connection'],
    ['a secret that is not set', { module: 'secret.ts' }, 'the setting token is missing'],
  ])('is refused, with the reason: %s', async (_case, settings, reason) => {
    await write('export const none = 1', 'none.ts')
    await write(`throw new Error('on purpose')`, 'broken.ts')
    await write(`export const connector = { connect: () => ({ check() {}, listTables() {} }) }`, 'half.ts')
    await write(`export const connector = { connect: () => ({ name: 'x', ${methods} }) }`, 'alias.ts')
    await write(`export const connector = { connect: ({ readSecret }) => readSecret('token') }`, 'secret.ts')
    await expect(open(settings)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(reason),
    })
  })

  it('never runs a file outside of the folder, nor any file without a folder', async () => {
    await write(`throw new Error('it ran')`)
    const inner = await mkdtemp(join(folder, 'inner-'))
    await expect(open({ module: '../mine.ts' }, inner)).rejects.toThrow(/lies outside of/)
    await expect(open({ module: 'mine.ts' }, null)).rejects.toThrow(/COUPLET_CONNECTORS_DIR/)
  })

  it('can be written in CommonJS as well', async () => {
    await write(`exports.connector = { connect() {} }`, 'mine.cjs')
    expect(await loadConnectorModule(join(folder, 'mine.cjs'))).toHaveProperty('connect')
  })
})
