import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const tool = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')

interface Report {
  readonly modules: readonly { readonly source: string; readonly dependencies: readonly unknown[] }[]
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[]
  }
}

function cruise(cwd: string, folders: readonly string[]): Report {
  const config = join(root, '.dependency-cruiser.cjs')
  const args = [tool, '--config', config, '--output-type', 'json', ...folders]
  return JSON.parse(execFileSync(process.execPath, args, { cwd, encoding: 'utf8', maxBuffer: 2 ** 28 }))
}

function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${folder}/${file}`)
}

it('the import check reads every file of src and workers, with its imports', () => {
  const { modules } = cruise(root, ['src', 'workers'])
  const read = new Map(modules.map((module) => [module.source, module.dependencies.length]))
  const files = [...filesIn('src'), ...filesIn('workers')]
  expect(files.length).toBeGreaterThan(150)
  expect(files.filter((file) => !read.has(file))).toEqual([])
  const imports = [...read.values()].reduce((sum, count) => sum + count, 0)
  expect(imports).toBeGreaterThan(3 * files.length)
})

/** One forbidden import each: the file, what it contains, and the rule that must speak. */
const forbidden: readonly (readonly [file: string, content: string, rule: string])[] = [
  ['src/lib/a.ts', "import '../core/ok.ts'", 'lib-imports'],
  ['src/core/a.ts', "import type { T } from '../store/ok.ts'; export type U = T", 'core-imports'],
  ['src/core/b.ts', "import 'node:fs'", 'core-is-pure'],
  ['src/core/c.ts', "import 'pg'", 'core-is-pure'],
  ['src/usecases/a.ts', "import '../store/ok.ts'", 'usecases-imports'],
  ['src/connectors/memory/a.ts', "import '../postgres/ok.ts'", 'connectors-stay-apart'],
  ['src/connectors/http/a.ts', "import '../odata/ok.ts'", 'protocols-know-no-system'],
  ['src/connectors/odata/a.ts', "import '../postgres/ok.ts'", 'protocols-know-no-system'],
  ['src/connectors/odata/b.ts', "import 'undici'", 'only-connectors/http-uses-undici'],
  ['src/connectors/memory/b.ts', "import '../../usecases/ok.ts'", 'connectors-imports'],
  ['src/store/a.ts', "import '../queue/ok.ts'", 'store-imports'],
  ['src/queue/a.ts', "import '../store/ok.ts'", 'queue-imports'],
  ['src/embedded/a.ts', "import '../app/ok.ts'", 'embedded-imports'],
  ['src/demo/a.ts', "import '../app/ok.ts'", 'demo-imports'],
  ['src/simulators/kit/a.ts', "import '../../core/ok.ts'", 'simulators-imports'],
  ['src/simulators/kit/b.ts', "import '../dataverse/ok.ts'", 'simulated-systems-stay-apart'],
  ['src/app/a.ts', "import '../api/ok.ts'", 'app-imports'],
  ['src/app/b.ts', "import type { T } from 'bullmq'; export type U = T", 'only-queue-uses-bullmq'],
  ['src/app/c.ts', "export const later = () => import('drizzle-orm')", 'only-store-uses-drizzle-orm'],
  ['src/api/a.ts', "import '../queue/ok.ts'", 'api-imports'],
  ['src/api/b.ts', "import 'pg'", 'only-store-queue-connectors/postgres-embedded-demo-uses-pg'],
  ['src/cli/a.ts', "import '../store/ok.ts'", 'cli-imports'],
  ['src/cli/b.ts', "import 'fastify'", 'only-api-uses-fastify'],
  ['src/app/d.ts', "import '../../test/ok.ts'", 'nothing-imports-test'],
  ['src/app/e.ts', "import './missing.ts'", 'no-unresolvable'],
  ['src/app/f.ts', "import './g.ts'; export const f = 1", 'no-circular'],
  ['workers/a.ts', "import '../src/store/ok.ts'", 'workers-import-app-and-api'],
]
const layers = [
  ...['lib', 'core', 'usecases', 'connectors/postgres', 'connectors/http', 'connectors/odata'],
  ...['store', 'queue', 'embedded', 'demo', 'simulators/dataverse', 'app', 'api', 'cli'],
]

describe('the import check', () => {
  const folder = mkdtempSync(join(tmpdir(), 'couplet-layers-'))
  let report: Report

  const write = (file: string, content: string) => {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), content)
  }

  beforeAll(() => {
    cpSync(join(root, 'tsconfig.json'), join(folder, 'tsconfig.json'))
    for (const layer of layers) write(`src/${layer}/ok.ts`, 'export type T = 1')
    // Every kind of system may use the protocols, and OData is carried by HTTP.
    write(
      'src/connectors/postgres/ok.ts',
      "import '../odata/ok.ts'; import '../http/ok.ts'; export type T = 1",
    )
    write('src/connectors/odata/ok.ts', "import '../http/ok.ts'; export type T = 1")
    write('test/ok.ts', 'export {}')
    write('src/app/g.ts', "import './f.ts'; export const g = 1")
    const packages = ['pg', 'bullmq', 'drizzle-orm', 'fastify', 'undici']
    const dependencies = Object.fromEntries(packages.map((name) => [name, '*']))
    write('package.json', JSON.stringify({ name: 'layers', dependencies }))
    for (const name of packages) {
      write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' }))
      write(`node_modules/${name}/index.js`, '')
    }
    for (const [file, content] of forbidden) write(file, `${content}\n`)
    report = cruise(folder, ['src', 'workers', 'test'])
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it.each(forbidden)('%s: refuses %s (%s)', (file, _content, rule) => {
    const rules = report.summary.violations.filter(({ from }) => from === file).map((each) => each.rule.name)
    expect(rules).toContain(rule)
  })

  it('says nothing about files that follow the rules', () => {
    const blamed = report.summary.violations.map(({ from }) => from)
    expect(blamed.filter((file) => file.endsWith('ok.ts'))).toEqual([])
  })
})
