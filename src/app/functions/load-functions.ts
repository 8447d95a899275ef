import { hash } from 'node:crypto'
import { readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { LoadedFunctions, OwnAnswer, OwnFunction } from '../../core/transform/function-rule.ts'
import { reasonOf } from '../run-module.ts'
import type { FunctionCall } from './questions.ts'
import { Sandbox, type SandboxLimits } from './sandbox.ts'

type Loaded = NonNullable<ReturnType<LoadedFunctions['get']>>

/** Answers that are kept for whoever asks for the same value again: those of some pages. */
const KEPT_CALLS = 50_000
const KEPT_CHARACTERS = 10_000_000

/** Users' own functions, each in the thread of a sandbox that starts with the first module. */
export interface FunctionLoader {
  /**
   * Loads modules out of the folder, each once per process: a changed file takes effect when the processes are started
   * again. A module that could not be loaded is tried again the next time.
   */
  load(modules: readonly string[]): Promise<LoadedFunctions>
  /**
   * Runs `work` for the calls of functions in it, which all answer nothing, and has them answered together: whoever makes
   * them again has the answer at hand.
   */
  answerAhead(work: () => void): Promise<void>
  close(): Promise<void>
}

export function createFunctionLoader(folder: string | null, limits: SandboxLimits): FunctionLoader {
  const loaded = new Map<string, Loaded>()
  const kept = new Map<string, OwnAnswer>()
  let keptCharacters = 0
  let collected: Map<string, FunctionCall> | null = null
  const sandbox = new Sandbox(limits)

  function keep(key: string, answer: OwnAnswer): OwnAnswer {
    if (kept.size >= KEPT_CALLS || keptCharacters >= KEPT_CHARACTERS) {
      kept.clear()
      keptCharacters = 0
    }
    kept.set(key, answer)
    keptCharacters += key.length
    return answer
  }

  function callable(path: string, name: string): OwnFunction {
    return (value) => {
      const key = `${path}\n${name}\n${value}`
      const known = kept.get(key)
      // What was stopped on a busy machine may do better the next time. Until then its answer stays: another line may need it.
      if (known !== undefined && (collected === null || !('failure' in known))) return known
      const call = { path, name, value }
      if (collected === null) return keep(key, sandbox.call(call))
      collected.set(key, call)
      return { text: null }
    }
  }

  async function loadOne(module: string): Promise<Loaded> {
    if (folder === null) return { reason: 'no folder of functions is set (COUPLET_FUNCTIONS_DIR)' }
    try {
      const path = await realpath(join(folder, module))
      const fingerprint = hash('sha1', await readFile(path), 'base64')
      const found = await sandbox.load(path)
      if ('reason' in found) return { reason: `${module} cannot be loaded (${found.reason})` }
      return { exports: new Map(found.names.map((name) => [name, callable(path, name)])), fingerprint }
    } catch (error) {
      return { reason: `${module} cannot be loaded (${reasonOf(error)})` }
    }
  }

  return {
    async load(modules) {
      const found = new Map<string, Loaded>()
      for (const module of modules) {
        const result = loaded.get(module) ?? (await loadOne(module))
        if ('exports' in result) loaded.set(module, result)
        found.set(module, result)
      }
      return found
    },
    async answerAhead(work) {
      const calls = new Map<string, FunctionCall>()
      collected = calls
      try {
        work()
      } finally {
        collected = null
      }
      if (calls.size === 0) return
      const answers = await sandbox.callAll([...calls.values()])
      for (const [index, key] of [...calls.keys()].entries()) {
        const answer = answers[index]
        if (answer !== undefined) keep(key, answer)
      }
    },
    close: () => sandbox.close(),
  }
}
