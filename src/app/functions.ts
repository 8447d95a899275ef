import { hash } from 'node:crypto'
import { readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { LoadedFunctions, OwnFunction } from '../core/transform/function-rule.ts'
import { exportsOf, reasonOf, runModule } from './run-module.ts'

type LoadedModule = NonNullable<ReturnType<LoadedFunctions['get']>>

/**
 * Loads modules of users' own functions out of one folder, each once per process: a changed file takes effect when the
 * processes are started again. A module that could not be loaded is tried again the next time.
 */
export function createFunctionLoader(
  folder: string | null,
): (modules: readonly string[]) => Promise<LoadedFunctions> {
  const loaded = new Map<string, LoadedModule>()
  return async (modules) => {
    const found = new Map<string, LoadedModule>()
    for (const module of modules) {
      const result = loaded.get(module) ?? (await load(folder, module))
      if ('exports' in result) loaded.set(module, result)
      found.set(module, result)
    }
    return found
  }
}

async function load(folder: string | null, module: string): Promise<LoadedModule> {
  if (folder === null) return { reason: 'no folder of functions is set (COUPLET_FUNCTIONS_DIR)' }
  try {
    const path = await realpath(join(folder, module))
    const fingerprint = hash('sha1', await readFile(path), 'base64')
    const exported = exportsOf(await runModule(path))
    const functions = Object.entries(Object(exported)).filter(
      (entry): entry is [string, OwnFunction] => typeof entry[1] === 'function',
    )
    return { exports: new Map(functions), fingerprint }
  } catch (error) {
    return { reason: `${module} cannot be loaded (${reasonOf(error)})` }
  }
}
