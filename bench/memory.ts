import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { BenchServer } from './server.ts'

const run = promisify(execFile)
const processFile = fileURLToPath(new URL('./memory-process.ts', import.meta.url))

/** Peak resident set in bytes of a process that synchronizes `size` customers twice, from nothing and unchanged. */
export async function measurePeak(server: BenchServer, size: number, pageSize: number): Promise<number> {
  const url = await server.createDatabase(size)
  try {
    const { stdout } = await run(process.execPath, ['--import', 'tsx', processFile, url, String(pageSize)])
    return Number(stdout)
  } finally {
    await server.drop(url)
  }
}
