import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { SyncError } from '../core/errors.ts'

const END = '{"end":"'

/**
 * Writes lines into a file, packed, with a checksum over all of them as the last one. The file has its name only when it
 * is whole, and only its owner may read it: it holds values of records. Until then it has a name of its own, so that two
 * at once do not write into each other's.
 */
export async function writeBackupFile(path: string, lines: AsyncIterable<string>): Promise<void> {
  const part = `${path}.${randomUUID().slice(0, 8)}.part`
  try {
    const target = createWriteStream(part, { mode: 0o600, flush: true })
    await pipeline(Readable.from(withChecksum(lines)), createGzip(), target)
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

async function* withChecksum(lines: AsyncIterable<string>): AsyncGenerator<string> {
  const hash = createHash('sha256')
  for await (const line of lines) {
    hash.update(`${line}\n`)
    yield `${line}\n`
  }
  yield `${END}${hash.digest('hex')}"}\n`
}

/** The lines without the checksum. Read to the end it throws BACKUP_INVALID where the file is cut off or was changed. */
export async function* readBackupFile(path: string): AsyncGenerator<string> {
  const hash = createHash('sha256')
  let end: string | null = null
  try {
    for await (const line of unpackedLines(path)) {
      if (end !== null) throw damaged(path)
      if (line.startsWith(END)) end = line
      else {
        hash.update(`${line}\n`)
        yield line
      }
    }
  } catch (error) {
    throw error instanceof SyncError ? error : damaged(path, error)
  }
  if (end !== `${END}${hash.digest('hex')}"}`) throw damaged(path)
}

/** By hand: readline does not hand on what its input throws. */
async function* unpackedLines(path: string): AsyncGenerator<string> {
  const plain = createGunzip().setEncoding('utf8')
  const piped = pipeline(createReadStream(path), plain)
  // Heard below, or by whoever iterates.
  piped.catch(() => {})
  let rest = ''
  for await (const chunk of plain) {
    const lines = `${rest}${String(chunk)}`.split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  await piped
  if (rest !== '') yield rest
}

function damaged(path: string, cause?: unknown): SyncError {
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
  const message = `The backup cannot be used: ${path} cannot be read, is cut off, or was changed${code}`
  return new SyncError('BACKUP_INVALID', message, { cause })
}
