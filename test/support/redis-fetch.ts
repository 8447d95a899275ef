import { execFile } from 'node:child_process'
import { access, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const cache = fileURLToPath(new URL('../../.cache/redis', import.meta.url))

/**
 * The Redis of Debian or Ubuntu, fetched by apt-get into a private folder: needs no root, installs and starts nothing.
 * Kept in `.cache/redis` for the next run.
 */
export async function fetchDebianRedis(): Promise<{ path: string; libraryPath: string }> {
  const found = await inFolder(cache)
  if (found) return found
  const work = `${cache}.${process.pid}`
  try {
    await fetchInto(work)
    // Another test run may have been faster: then its folder stays.
    await rename(join(work, 'root'), cache).catch(() => {})
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  const fetched = await inFolder(cache)
  if (!fetched) throw new Error('the Debian package holds no redis-server')
  return fetched
}

async function inFolder(root: string): Promise<{ path: string; libraryPath: string } | null> {
  const path = join(root, 'usr/bin/redis-server')
  if (
    !(await access(path).then(
      () => true,
      () => false,
    ))
  )
    return null
  const library = join(root, 'usr/lib')
  const folders = await readdir(library, { withFileTypes: true }).catch(() => [])
  const names = folders.filter((entry) => entry.isDirectory()).map((entry) => join(library, entry.name))
  return { path, libraryPath: [library, ...names].join(':') }
}

async function fetchInto(work: string): Promise<void> {
  const downloads = join(work, 'downloads')
  for (const folder of ['state/lists/partial', 'cache/archives/partial', 'downloads', 'root']) {
    await mkdir(join(work, folder), { recursive: true })
  }
  const settings = [
    `Dir::State=${work}/state`,
    `Dir::Cache=${work}/cache`,
    'Dir::State::status=/var/lib/dpkg/status',
    'Debug::NoLocking=1',
    'APT::Sandbox::User=',
    'Acquire::Retries=2',
  ].flatMap((setting) => ['-o', setting])
  const apt = async (...words: string[]) => {
    const done = await run('apt-get', ['-q', ...settings, ...words], { cwd: downloads, timeout: 120_000 })
    return done.stdout
  }
  // One unreachable source of several makes the update fail; what counts is whether the package is found.
  await apt('update').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new Error('there is no apt-get on this machine')
  })
  const plan = await apt('install', '-s', '--no-install-recommends', 'redis-server')
  const packages = [...plan.matchAll(/^Inst (\S+)/gm)].map((match) => match[1] ?? '')
  await apt('download', ...packages)
  for (const file of await readdir(downloads)) {
    await run('dpkg-deb', ['-x', join(downloads, file), join(work, 'root')])
  }
  await mkdir(dirname(cache), { recursive: true })
}
