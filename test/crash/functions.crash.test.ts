import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { livingProcess } from '../../src/embedded/process-identity.ts'
import { waitFor } from '../support/servers.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const built = join(root, '.cache', `built-${process.pid}`)
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'couplet-functions-'))
  await compile()
  await writeFile(
    join(folder, 'own.ts'),
    `import { writeFileSync } from 'node:fs'
    export function own(file: string): string {
      writeFileSync(file, String(process.pid))
      if (file.endsWith('loop')) for (;;) {}
      return file
    }`,
  )
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
  await rm(built, { recursive: true, force: true })
})

/** As the build does it, without the rest of the sources. */
async function compile(): Promise<void> {
  const project = join(built, 'tsconfig.json')
  const files = ['load-functions', 'relay', 'child'].map((name) => join(root, `src/app/functions/${name}.ts`))
  const compilerOptions = { rootDir: root, outDir: built, noCheck: true }
  await mkdir(built, { recursive: true })
  await writeFile(
    project,
    JSON.stringify({ extends: join(root, 'tsconfig.build.json'), compilerOptions, files, include: [] }),
  )
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', project])
}

/** Calls the function once and then does what is asked. */
const program = (loader: string, file: string, then: string) => `
  const { createFunctionLoader } = await import(${JSON.stringify(loader)})
  const functions = createFunctionLoader(${JSON.stringify(folder)}, { callMs: 600_000, loadMs: 60_000, memoryMb: 64 })
  const own = (await functions.load(['own.ts'])).get('own.ts').exports.get('own')
  if (own(${JSON.stringify(file)}).text !== ${JSON.stringify(file)}) throw new Error('no answer')
  ${then}`

const isRunning = (pid: number) => livingProcess(pid) !== null

describe.each([
  { form: 'the sources', options: ['--import', 'tsx'], place: join(root, 'src'), ending: 'ts' },
  { form: 'the built package', options: [], place: join(built, 'src'), ending: 'js' },
])('processes of functions, from $form', ({ form, options, place, ending }) => {
  function start(name: string, then: string) {
    const file = join(folder, `${form}-${name}`)
    const loader = `file://${place}/app/functions/load-functions.${ending}`
    const args = [...options, '--input-type=module', '-e', program(loader, file, then)]
    const parent = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
    const closed = once(parent, 'close')
    const childPid = () =>
      waitFor('the function to run', () => existsSync(file) && Number(readFileSync(file, 'utf8')))
    return { parent, closed, childPid }
  }

  it.each([
    ['loop', ''],
    ['idle', 'setInterval(() => {}, 1_000)'],
  ])('P6: end with a process that is killed (%s)', async (name, then) => {
    const { parent, closed, childPid } = start(name, then)
    const pid = await childPid()
    expect(isRunning(pid)).toBe(true)
    parent.kill('SIGKILL')
    await closed
    await waitFor('the end of the process', () => !isRunning(pid))
  })

  it.each([
    ['closed', 'await functions.close()'],
    ['left open', ''],
  ])('hold up no orderly end (%s)', async (name, then) => {
    const { closed, childPid } = start(name, then)
    expect(await closed).toEqual([0, null])
    const pid = await childPid()
    await waitFor('the end of the process', () => !isRunning(pid))
  })
})
