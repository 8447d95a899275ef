import { pathToFileURL } from 'node:url'

/** Runs a TypeScript or JavaScript file and gives what it exports. Throws what the file throws. */
export async function runModule(path: string): Promise<unknown> {
  const { tsImport } = await import('tsx/esm/api')
  return await tsImport(pathToFileURL(path).href, import.meta.url)
}

/** A CommonJS file, and TypeScript in a folder that is one, come with their exports inside the default export. */
export function exportsOf(loaded: unknown): unknown {
  const inner = memberOf(loaded, 'default')
  return memberOf(inner, '__esModule') === true ? inner : loaded
}

export function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

/** What went wrong, on one line. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/\s+/g, ' ').slice(0, 500) : 'it threw no error'
}
