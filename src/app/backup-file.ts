import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream, rmSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { z } from 'zod'
import { SyncError } from '../core/errors.ts'

const END = '{"end":"'
const Moment = z.object({ couplet: z.literal('backup'), at: z.string() })

/**
 * Writes lines into a file, packed, with a checksum over all of them as the last one. The file has its name only when it
 * is whole, and only its owner may read it: it holds values of records. Until then it has a name of its own, so that two
 * at once do not write into each other's. Throws BACKUP_OUTRUN when a newer one has got the name meanwhile.
 */
export async function writeBackupFile(path: string, lines: AsyncIterable<string>): Promise<void> {
  const part = `${path}.${randomUUID().slice(0, 8)}.part`
  const listening = onSignals(() => rmSync(part, { force: true }))
  try {
    const target = createWriteStream(part, { mode: 0o600, flush: true })
    await pipeline(Readable.from(withChecksum(lines)), createGzip(), target)
    await assertNotOutrun(part, path)
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  } finally {
    listening.end()
  }
}

/** Does this first, and then what the signal does anyway. */
function onSignals(first: () => void): { end(): void } {
  const onSignal = (signal: NodeJS.Signals) => {
    end()
    first()
    process.kill(process.pid, signal)
  }
  const end = () => void process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  return { end }
}

/** Of two at once the one that has begun sooner may need longer. */
async function assertNotOutrun(part: string, path: string): Promise<void> {
  const [own, other] = [await readMoment(part), await readMoment(path)]
  if (own === null || other === null || other <= own) return
  throw new SyncError(
    'BACKUP_OUTRUN',
    `${path} holds a backup of ${other}, which is newer than this one of ${own}`,
  )
}

/** Of the database's clock, as text that sorts; null: there is no backup of that name. */
async function readMoment(path: string): Promise<string | null> {
  try {
    for await (const line of unpackedLines(path)) return Moment.parse(JSON.parse(line)).at
  } catch {
    // Whatever it is, it is not kept from being replaced.
  }
  return null
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
