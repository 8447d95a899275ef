import { Worker } from 'node:worker_threads'

/** What a process takes beside the heap of its functions. */
export const BESIDE_HEAP_MB = 256

/** A pipe of the parent that ends with it. */
const LIFELINE = 4

/**
 * Ends this process with its parent, and when it takes much more memory than its functions may: the limit of the heap
 * leaves out what lies beside it, such as buffers. A thread sees to it, also while a function is in an endless loop.
 */
export function startWatch(memoryMb: number): void {
  const watch = `
    const { Socket } = require('node:net')
    const { workerData } = require('node:worker_threads')
    const end = () => process.kill(process.pid, 'SIGKILL')
    new Socket({ fd: ${LIFELINE} }).on('error', end).on('close', end).resume()
    setInterval(() => { if (process.memoryUsage.rss() > workerData) end() }, 100)`
  const workerData = (memoryMb + BESIDE_HEAP_MB) * 1_048_576
  new Worker(watch, { eval: true, workerData, execArgv: [] })
}
