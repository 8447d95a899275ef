import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { z } from 'zod'
import { SyncError } from '../../core/errors.ts'
import { Fault } from '../../simulators/kit/faults.ts'

/** The faults in a file; throws CONFIG_INVALID for a file that cannot be read or holds anything else. */
export async function readFaults(file: string | null): Promise<readonly Fault[]> {
  if (file === null) return []
  try {
    return z.array(Fault).parse(parse(await readFile(file, 'utf8')))
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message
    throw new SyncError('CONFIG_INVALID', `The faults in ${file} cannot be used: ${reason}`, {
      data: { file },
      cause: error,
    })
  }
}
