import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { tsImport } from 'tsx/esm/api'
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
  const exported = defaultOf(await load(file))
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
    return await tsImport(pathToFileURL(resolve(file)).href, import.meta.url)
  } catch (error) {
    throw new SyncError('CONFIG_INVALID', `The file ${file} cannot be run (${reasonOf(error)})`, {
      cause: error,
    })
  }
}

/** A CommonJS file, and TypeScript in a folder that is one, come with their exports inside the default export. */
function defaultOf(loaded: unknown): unknown {
  const first = memberOf(loaded, 'default')
  return memberOf(first, '__esModule') === true ? memberOf(first, 'default') : first
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/\s+/g, ' ').slice(0, 500) : 'it threw no error'
}
