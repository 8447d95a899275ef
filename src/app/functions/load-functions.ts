import { hash } from 'node:crypto'
import { readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { LoadedFunctions, OwnAnswer, OwnFunction } from '../../core/transform/function-rule.ts'
import { reasonOf } from '../run-module.ts'
import type { FunctionCall, SandboxLimits } from './questions.ts'
import { Sandbox } from './sandbox.ts'

type Loaded = NonNullable<ReturnType<LoadedFunctions['get']>>

/** Answers that are kept for whoever asks for the same value again: those of some pages. */
const KEPT_CALLS = 50_000
const KEPT_CHARACTERS = 10_000_000

/** Users' own functions, each module in a process of its own that starts when it is loaded. */
export interface FunctionLoader {
  /**
   * Loads modules out of the folder, each once per process: a changed file takes effect when the processes are started
   * again. A module that could not be loaded is tried again the next time.
   */
  load(modules: readonly string[]): Promise<LoadedFunctions>
  /**
   * Runs `work` for the calls of functions in it, which answer nothing, and has them answered together: whoever makes them
   * again has the answer at hand. As often as there are calls that follow from the answers to others.
   */
  answerAhead(work: () => void): Promise<void>
  close(): Promise<void>
}

export function createFunctionLoader(folder: string | null, limits: SandboxLimits): FunctionLoader {
  const loaded = new Map<string, Loaded>()
  const kept = new Map<string, OwnAnswer>()
  let keptCharacters = 0
  let collecting: { readonly calls: Map<string, FunctionCall>; readonly asked: Set<string> } | null = null
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
      const isAskedAgain = known !== undefined && 'failure' in known && collecting?.asked.has(key) === false
      // What was stopped on a busy machine may do better the next time. Until then its answer stays: another line may need it.
      if (known !== undefined && !isAskedAgain) return known
      const call = { path, name, value }
      if (collecting === null) return keep(key, sandbox.call(call))
      if (!collecting.asked.has(key)) collecting.calls.set(key, call)
      return { text: null }
    }
  }

  function collect(work: () => void, asked: Set<string>): ReadonlyMap<string, FunctionCall> {
    const calls = new Map<string, FunctionCall>()
    collecting = { calls, asked }
    try {
      work()
    } finally {
      collecting = null
    }
    return calls
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
      const asked = new Set<string>()
      for (;;) {
        const calls = collect(work, asked)
        if (calls.size === 0) return
        const answers = await sandbox.callAll([...calls.values()])
        for (const [index, key] of [...calls.keys()].entries()) {
          asked.add(key)
          const answer = answers[index]
          if (answer !== undefined) keep(key, answer)
        }
      }
    },
    close: () => sandbox.close(),
  }
}
