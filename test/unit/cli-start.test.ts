import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../', import.meta.url))
const statement = /^(?:import|export)\s(?!type\b)([^'"]*?\sfrom\s)?'([^']+)'/gms
const onlyTypes = /^\{(\s*type\s[^,}]+,?)+\s*\}\s*from\s$/

/** What a file loads before it does anything, as path → the one that asks for it. */
function loadedBy(file: string, asker = '', found = new Map<string, string>()): Map<string, string> {
  if (found.has(file)) return found
  found.set(file, asker)
  if (!file.startsWith(root)) return found
  for (const [, names = '', target = ''] of readFileSync(file, 'utf8').matchAll(statement)) {
    if (onlyTypes.test(names)) continue
    loadedBy(target.startsWith('.') ? resolve(dirname(file), target) : target, file, found)
  }
  return found
}

it('help, the version and a wrong option of the command line wait for no server, queue or system to be loaded', () => {
  const loaded = loadedBy(resolve(root, 'src/cli/main.ts'))
  expect([...loaded.keys()]).toEqual(
    expect.arrayContaining(['commander', resolve(root, 'src/cli/session.ts')]),
  )
  const heavy =
    /^(pg|bullmq|ioredis|drizzle-orm|fastify|undici|pino|prom-client|tsx|log-update|nodemailer|@opentelemetry)(\/|$)/
  const found = [...loaded].filter(([name]) => heavy.test(name) || name.endsWith('/app/context.ts'))
  expect(found).toEqual([])
})
