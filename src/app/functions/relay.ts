/** The thread that starts and watches the processes of users' own functions, and passes questions and answers on. */
import { workerData } from 'node:worker_threads'
import { ModuleQueue } from './module-queue.ts'
import { type Answer, places, type Question, type RelayStart } from './questions.ts'

const { port, memory, ...start } = workerData as RelayStart
const modules = new Map<string, ModuleQueue>()

process.on('exit', () => tell(places.ended))
port.on('message', (question: Question) => {
  if (question.kind === 'close') close()
  else moduleAt(question.path).add(question)
})

function moduleAt(path: string): ModuleQueue {
  const known = modules.get(path)
  if (known !== undefined) return known
  const module = new ModuleQueue(path, start, send)
  modules.set(path, module)
  return module
}

function close(): void {
  port.close()
  for (const module of modules.values()) module.close()
}

function send(answer: Answer): void {
  port.postMessage(answer)
  tell(places.answered)
}

function tell(place: number): void {
  Atomics.add(memory, place, 1)
  Atomics.notify(memory, places.answered)
}
