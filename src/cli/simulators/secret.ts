import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
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
  const draft = `${file}-${process.pid}`
  await writeFile(draft, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 })
  try {
    // Whole or not there: of two that start at once one makes the file, and both go on with what is in it.
    await link(draft, file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    await rm(draft, { force: true })
  }
  return { value: (await readFile(file, 'utf8')).trim(), reference: `file:${file}` }
}
