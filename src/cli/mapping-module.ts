import { resolve } from 'node:path'
import { exportsOf, memberOf, reasonOf, runModule } from '../app/run-module.ts'
import { SyncError } from '../core/errors.ts'

/** True for mappings written as a program: TypeScript or JavaScript. */
export function isModule(file: string): boolean {
  return /\.[cm]?[jt]s$/.test(file)
}

/** A mapping as a program exports it: its name, if it has one, and its text as a mapping file. */
export interface ExportedMapping {
  readonly name: string | null
  readonly text: string
}

/**
 * Runs a TypeScript or JavaScript file and returns its default export, one mapping or a list of them. Throws
 * CONFIG_INVALID when it cannot be run or exports something else.
 */
export async function readMappingModule(file: string): Promise<readonly ExportedMapping[]> {
  const exported = memberOf(exportsOf(await load(file)), 'default')
  const mappings: readonly unknown[] = Array.isArray(exported) ? exported : [exported]
  if (mappings.length === 0 || mappings.some((mapping) => typeof mapping !== 'object' || mapping === null)) {
    const message = `The file ${file} has no default export that is a mapping or a list of mappings`
    throw new SyncError('CONFIG_INVALID', message)
  }
  try {
    return mappings.map((mapping) => {
      const name = memberOf(mapping, 'name')
      return { name: typeof name === 'string' ? name : null, text: JSON.stringify(mapping) }
    })
  } catch (error) {
    throw new SyncError('CONFIG_INVALID', `The mappings of ${file} are no plain data (${reasonOf(error)})`, {
      cause: error,
    })
  }
}

async function load(file: string): Promise<unknown> {
  try {
    return await runModule(resolve(file))
  } catch (error) {
    throw new SyncError('CONFIG_INVALID', `The file ${file} cannot be run (${reasonOf(error)})`, {
      cause: error,
    })
  }
}
