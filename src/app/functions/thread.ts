/** The thread in which users' own functions run: it answers questions until it is ended. */
import { receiveMessageOnPort, workerData } from 'node:worker_threads'
import { askFunction, type OwnAnswer } from '../../core/transform/function-rule.ts'
import { exportsOf, reasonOf, runModule } from '../run-module.ts'
import { type Answer, places, type Question, type ThreadData } from './questions.ts'

type Functions = ReadonlyMap<string, (value: string) => unknown>

const PORTION = 200

const { shared, port } = workerData as ThreadData
const memory = new Int32Array(shared)
const modules = new Map<string, Functions>()

process.on('exit', () => tell(places.state, 2))
tell(places.state, 1)
for (let asked = 0; ; asked += 1) {
  // Asleep while nothing is asked: no event loop is needed, functions answer at once.
  Atomics.wait(memory, places.asked, asked)
  const received: { message: Question } | undefined = receiveMessageOnPort(port)
  if (received !== undefined) await answer(received.message)
}

async function answer(question: Question): Promise<void> {
  if (question.kind === 'load') return send(await load(question))
  for (let from = 0; from < question.calls.length; from += PORTION) {
    const answers = question.calls.slice(from, from + PORTION).map(({ path, name, value }): OwnAnswer => {
      const own = modules.get(path)?.get(name)
      const given = own ? askFunction(own, value) : { failure: 'be looked for in vain' }
      Atomics.add(memory, places.called, 1)
      return given
    })
    send({ number: question.number, kind: 'called', answers })
  }
}

async function load({ number, path }: { number: number; path: string }): Promise<Answer> {
  try {
    const exported = Object.entries(Object(exportsOf(await runModule(path))))
    const functions = exported.filter(
      (entry): entry is [string, (value: string) => unknown] => typeof entry[1] === 'function',
    )
    modules.set(path, new Map(functions))
    return { number, kind: 'loaded', names: functions.map(([name]) => name) }
  } catch (error) {
    return { number, kind: 'not-loaded', reason: reasonOf(error) }
  }
}

function send(message: Answer): void {
  port.postMessage(message)
  Atomics.add(memory, places.answered, 1)
  Atomics.notify(memory, places.answered)
}

function tell(place: number, value: number): void {
  Atomics.store(memory, place, value)
  Atomics.add(memory, places.answered, 1)
  Atomics.notify(memory, places.answered)
}
