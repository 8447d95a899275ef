/** A process with the functions of one module: it answers calls until the process that has started it ends. */
import { readSync, writeSync } from 'node:fs'
import { askFunction, type OwnAnswer } from '../../core/transform/function-rule.ts'
import { exportsOf, reasonOf, runModule } from '../run-module.ts'
import { startWatch } from './child-watch.ts'
import type { AskedCalls, LoadedModule } from './questions.ts'

type OwnFunctions = ReadonlyMap<string, (value: string) => unknown>

const LINE = 3
const END_OF_LINE = 10
/** Answers of quick functions are said together. */
const SAY_EVERY_MS = 10

const [, , path = '', memoryMb] = process.argv
startWatch(Number(memoryMb))
// Who stops a service often tells all its processes, and a page under way still needs its answers.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {})

const functions = await load()
for (const line of heard()) answer(JSON.parse(line))
process.exit()

async function load(): Promise<OwnFunctions> {
  try {
    const exported = Object.entries(Object(exportsOf(await runModule(path))))
    const found = exported.filter(
      (entry): entry is [string, (value: string) => unknown] => typeof entry[1] === 'function',
    )
    say([{ names: found.map(([name]) => name) }])
    return new Map(found)
  } catch (error) {
    say([{ reason: reasonOf(error) }])
    return new Map()
  }
}

/** Lines of the parent. It stands still meanwhile: functions answer at once, so no event loop is needed. */
function* heard(): Generator<string> {
  const buffer = Buffer.alloc(65_536)
  let parts: Buffer[] = []
  for (let length = readSync(LINE, buffer); length > 0; length = readSync(LINE, buffer)) {
    parts.push(Buffer.from(buffer.subarray(0, length)))
    // The next line comes when this one has been answered.
    if (buffer[length - 1] !== END_OF_LINE) continue
    yield Buffer.concat(parts).toString()
    parts = []
  }
}

function answer({ isOneByOne, calls }: AskedCalls): void {
  let answers: OwnAnswer[] = []
  let saidMs = performance.now()
  for (const { name, value } of calls) {
    const own = functions.get(name)
    answers.push(own ? askFunction(own, value) : { failure: 'be looked for in vain' })
    const nowMs = performance.now()
    if (!isOneByOne && nowMs - saidMs < SAY_EVERY_MS) continue
    say(answers)
    answers = []
    saidMs = nowMs
  }
  say(answers)
}

function say(said: readonly (OwnAnswer | LoadedModule)[]): void {
  const bytes = Buffer.from(said.map((each) => `${JSON.stringify(each)}\n`).join(''))
  for (let from = 0; from < bytes.length; ) from += writeSync(LINE, bytes, from)
}
