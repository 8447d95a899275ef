import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from '../support/cli.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'couplet-connector-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('couplet connector test', () => {
  it('holds a file to the contract without any database', async () => {
    const result = await runCommand(['connector', 'test', 'examples/rest-connector.ts', '--only', 'deleting'])
    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(result.stdout).toMatch(/✓ removes the records named[\s\S]*\d passed, 0 failed, 0 skipped/)
  })

  it('ends with 1 when a test fails, and tells programs which one', async () => {
    const file = join(folder, 'broken.ts')
    const example = JSON.stringify(join(process.cwd(), 'examples/rest-connector.ts'))
    await writeFile(
      file,
      `import { connector as whole } from ${example}
       export const connector = { ...whole, contract: (kit) => {
         const subject = whole.contract(kit)
         return { ...subject, setUp: async () => ({ ...(await subject.setUp()), remove: async () => {} }) }
       } }`,
    )
    const missing = await runCommand(['connector', 'test', file, '--only', 'no such test'])
    expect(missing.code).toBe(64)
    const failing = await runCommand(['connector', 'test', file, '--only', 'deleted between', '--json'])
    expect(failing.code).toBe(1)
    expect(JSON.parse(failing.stdout)).toMatchObject({
      failed: 1,
      results: [{ part: 'updating', result: 'failed' }],
    })
  })

  it('says what is wrong with a file that says nothing to test with', async () => {
    const file = join(folder, 'bare.ts')
    await writeFile(file, 'export const connector = { connect() {} }')
    const result = await runCommand(['connector', 'test', file])
    expect(result).toMatchObject({ code: 64, stderr: expect.stringContaining('has no `contract`') })
  })
})
