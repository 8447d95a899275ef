import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { BenchServer } from './server.ts'
import { siblingProcess } from './sibling.ts'

const run = promisify(execFile)

/** Peak resident set in bytes of a process that synchronizes `size` customers twice, from nothing and unchanged. */
export async function measurePeak(server: BenchServer, size: number, pageSize: number): Promise<number> {
  const url = await server.createDatabase(size)
  try {
    const { stdout } = await run(process.execPath, [
      ...siblingProcess('memory-process', import.meta.url),
      url,
      String(pageSize),
    ])
    return Number(stdout)
  } finally {
    await server.drop(url)
  }
}
