import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'

const memory = '/dev/shm'
const enoughBytes = 4 * 2 ** 30

/**
 * Where the servers of a test run keep their files: in memory where there is plenty of it, else in the folder for temporary
 * files. A database is made for almost every test, hundreds of files each time.
 */
export function quickFolder(): string {
  return isRoomy(memory) && mayRunPrograms(memory) ? memory : tmpdir()
}

function isRoomy(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize >= enoughBytes
  } catch {
    return false
  }
}

/** The embedded server copies its programs beside its data where it cannot read them in place. */
function mayRunPrograms(folder: string): boolean {
  if (!existsSync('/proc/mounts')) return false
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n')
  const options = mounts.map((line) => line.split(' ')).find(([, place]) => place === folder)?.[3] ?? ''
  return !options.split(',').includes('noexec')
}
