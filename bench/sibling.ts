import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What a process of its own is started with: a file beside this one, compiled where this one is, and how Node was started. */
export function siblingProcess(name: string, here: string): readonly string[] {
  return [...process.execArgv, fileURLToPath(new URL(`./${name}${extname(here)}`, here))]
}
