import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { programFile } from '../support/programs.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
let folder: string
let child: ChildProcess | null = null

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'couplet-simulate-'))
})
afterEach(() => {
  child?.kill('SIGKILL')
  child = null
  rmSync(folder, { recursive: true })
})

function start(args: readonly string[], env: Record<string, string> = {}) {
  const process_ = spawn(process.execPath, [programFile('src/cli/main.ts'), 'simulate', ...args], {
    cwd: root,
    env: { ...process.env, COUPLET_DATA_DIR: folder, NO_COLOR: '1', ...env },
  })
  child = process_
  const output = { stdout: '', stderr: '' }
  process_.stdout.on('data', (chunk) => {
    output.stdout += String(chunk)
  })
  process_.stderr.on('data', (chunk) => {
    output.stderr += String(chunk)
  })
  const ended = new Promise<number | null>((resolve) => process_.on('exit', resolve))
  const ready = new Promise<void>((resolve, reject) => {
    process_.stderr.on('data', () => {
      if (output.stderr.includes('Ctrl-C')) resolve()
    })
    void ended.then(() => reject(new Error(output.stderr)))
  })
  ready.catch(() => {})
  return { process: process_, output, ended, ready }
}

function factsOf(stdout: string): Record<string, string> {
  return Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(/ {2,}/)) as [string, string][],
  )
}

async function tokenOf(facts: Record<string, string>, secret: string): Promise<string> {
  const form = {
    grant_type: 'client_credentials',
    client_id: facts['Client id'] ?? '',
    client_secret: secret,
    scope: facts['Scope'] ?? '',
  }
  const answer = await fetch(facts['Token'] ?? '', { method: 'POST', body: new URLSearchParams(form) })
  const { access_token } = (await answer.json()) as { access_token: string }
  return access_token
}

async function askWhoIAm(facts: Record<string, string>, secret: string): Promise<number> {
  const headers = { authorization: `Bearer ${await tokenOf(facts, secret)}` }
  return (await fetch(`${facts['Web API']}WhoAmI`, { headers })).status
}

it('serves Dataverse until Ctrl-C, with a secret that lies in a file of its owner', async () => {
  const { process, output, ended, ready } = start(['dataverse', '--size', '10'])
  await ready
  const facts = factsOf(output.stdout)
  const file = facts['Client secret']?.replace(/^file:/, '') ?? ''
  const secret = readFileSync(file, 'utf8').trim()
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(output.stdout + output.stderr).not.toContain(secret)
  expect(await askWhoIAm(facts, secret)).toBe(200)
  process.kill('SIGINT')
  expect(await ended).toBe(0)
})

it('serves Business Central online by tokens and on-premises by a name and a key until Ctrl-C', async () => {
  const { process, output, ended, ready } = start(['business-central', '--size', '10'])
  await ready
  const facts = factsOf(output.stdout)
  const secret = readFileSync(facts['Client secret']?.replace(/^file:/, '') ?? '', 'utf8').trim()
  const online = { authorization: `Bearer ${await tokenOf(facts, secret)}` }
  for (const root of [facts['API v2.0'], facts['Custom API']]) {
    const answer = await fetch(`${root}customers/$count`, { headers: online })
    expect(await answer.text()).toBe('10')
  }
  const onPremises = { authorization: `Basic ${btoa(`${facts['User on-premises']}:${secret}`)}` }
  expect((await fetch(`${facts['Page web services']}Customer`, { headers: onPremises })).status).toBe(200)
  process.kill('SIGINT')
  expect(await ended).toBe(0)
})

it('begins with the faults of a file, and the secret it is told', async () => {
  const faults = join(folder, 'faults.yaml')
  writeFileSync(faults, '- { kind: status, status: 503, match: { url: WhoAmI } }\n')
  const secret = 'a secret of its own'
  const { output, ready } = start(
    ['dataverse', '--size', '10', '--faults', faults, '--secret', 'env:SIM_SECRET'],
    { SIM_SECRET: secret },
  )
  await ready
  const facts = factsOf(output.stdout)
  expect(facts['Client secret']).toBe('env:SIM_SECRET')
  expect([await askWhoIAm(facts, secret), await askWhoIAm(facts, secret)]).toEqual([503, 200])
})

it('says what is wrong with a file of faults', async () => {
  const faults = join(folder, 'faults.yaml')
  writeFileSync(faults, '- { kind: earthquake }\n')
  const { output, ended } = start(['dataverse', '--faults', faults])
  expect(await ended).not.toBe(0)
  expect(output.stderr).toContain('CONFIG_INVALID')
  expect(output.stderr).toContain('kind')
})
