import { existsSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCommand, startCommand } from '../support/cli.ts'
import { quickFolder } from '../support/quick-folder.ts'

describe('the command line on its embedded server', () => {
  let dataDir: string
  beforeEach(async () => {
    dataDir = await mkdtemp(join(quickFolder(), 'couplet-'))
    // The server runs under another account when the tests run as root.
    await chmod(dataDir, 0o755)
  })
  afterEach(async () => {
    await runCommand(['reset', '--yes'], { COUPLET_DATA_DIR: dataDir })
    await rm(dataDir, { recursive: true, force: true })
  })

  const play = async (...args: string[]) => {
    const result = await runCommand(['demo', '--size', '60', ...args, '--json'], {
      COUPLET_DATA_DIR: dataDir,
    })
    expect(result.stderr).toBe('')
    const report = JSON.parse(result.stdout)
    expect(report.checks.filter((check: { ok: boolean }) => !check.ok)).toEqual([])
    expect(report.runs.map((run: { kind: string }) => run.kind)).toEqual(['full', 'modified', 'full', 'full'])
    expect(result.code).toBe(0)
    return report
  }

  it('plays the whole demo over HTTP, and every check holds', async () => {
    const report = await play()
    expect(Object.keys(report.remote)).toContain('systemuser')
    expect(report.checks.map((check: { what: string }) => check.what)).toContain('Persons and their contacts')
  }, 180_000)

  it('plays the demo with databases, twice, each time from the start', async () => {
    for (const seed of ['1', '2']) {
      const report = await play('--databases', '--seed', seed)
      expect(report.runs[0].id).toBe(1)
    }
  }, 180_000)

  it('does not reset a server that a running service uses, and removes everything afterwards', async () => {
    const env = { COUPLET_DATA_DIR: dataDir, COUPLET_PORT: '0' }
    const service = startCommand(['start'], env)
    await service.printed(/The HTTP server listens/)
    const refused = await runCommand(['reset', '--yes'], env)
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(new RegExp(`process ${service.pid}.*EMBEDDED_IN_USE`)),
    })
    service.interrupt()
    expect((await service.ended()).code).toBe(0)
    expect(await runCommand(['reset', '--yes'], env)).toMatchObject({ code: 0 })
    expect(existsSync(dataDir)).toBe(false)
  })
})
