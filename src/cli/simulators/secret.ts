import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Config, resolveSecretReference } from '../../app/config.ts'

/** A client secret, and the reference by which a connection can name it. */
export interface SimulatorSecret {
  readonly value: string
  readonly reference: string
}

/** The secret that was referred to, or the one of this installation, which is made at the first start. */
export async function secretOf(
  system: string,
  reference: string | null,
  { dataDir }: Pick<Config, 'dataDir'>,
): Promise<SimulatorSecret> {
  if (reference !== null) return { value: resolveSecretReference(reference), reference }
  const file = join(dataDir, 'simulators', `${system}-secret`)
  await mkdir(dirname(file), { recursive: true })
  try {
    // Of two that start at once one makes the file; both go on with what is in it.
    await writeFile(file, `${randomBytes(24).toString('base64url')}\n`, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
  return { value: (await readFile(file, 'utf8')).trim(), reference: `file:${file}` }
}
