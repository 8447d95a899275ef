import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Command } from 'commander'
import { shippedMappingFiles } from '../../app/package-root.ts'
import { SyncError } from '../../core/errors.ts'
import { printMappingFile } from '../../usecases/mapping-files.ts'
import { getPairByName } from '../../usecases/setup/get-pair.ts'
import { pairOption } from '../arguments.ts'
import { exitCodes, type Finish } from '../exit-codes.ts'
import { print } from '../output.ts'
import { withContext } from '../session.ts'

interface Options {
  readonly out?: string
  readonly shipped?: boolean
  readonly dynamics?: boolean
  readonly force?: boolean
  readonly pair?: string
}

interface MappingFile {
  readonly fileName: string
  readonly text: string
}

/** `couplet mappings export` */
export function addExport(mappings: Command, finish: Finish): void {
  mappings
    .command('export')
    .description('write mappings as YAML: to the screen, or one file each')
    .argument('[names...]', 'names of mappings; without one all of them')
    .option('--out <folder>', 'write files into this folder')
    .option(
      '--shipped',
      'the mappings that come with Couplet, with their comments, instead of the stored ones',
    )
    .option('--dynamics', 'with --shipped: those for Business Central and Dataverse instead of two databases')
    .option('--force', 'overwrite files that exist')
    .addOption(pairOption())
    .action((names: string[], options: Options) => finish(() => exportMappings(names, options)))
}

async function exportMappings(names: readonly string[], options: Options): Promise<number> {
  const files = isShipped(options) ? await shippedFiles(names, options) : await storedFiles(names, options)
  if (options.out === undefined) print(files.map((file) => file.text.trimEnd()).join('\n---\n'))
  else await writeFiles(options.out, files, options.force === true)
  return exitCodes.good
}

function isShipped({ shipped, dynamics }: Options): boolean {
  if (shipped || !dynamics) return shipped === true
  throw new SyncError(
    'CONFIG_INVALID',
    'Say --shipped with --dynamics: only those that come with Couplet are of two kinds',
  )
}

async function shippedFiles(
  names: readonly string[],
  { dynamics }: Options,
): Promise<readonly MappingFile[]> {
  const wanted = new Set(names.map(fileNameOf))
  const all = shippedMappingFiles(dynamics ? 'dynamics' : 'databases')
  const paths = all.filter((path) => names.length === 0 || wanted.has(basename(path)))
  if (names.length > 0 && paths.length < wanted.size) {
    throw new SyncError('MAPPING_UNKNOWN', `Not all of ${names.join(', ')} come with Couplet`)
  }
  return Promise.all(
    paths.map(async (path) => ({ fileName: basename(path), text: await readFile(path, 'utf8') })),
  )
}

function storedFiles(names: readonly string[], options: Options): Promise<readonly MappingFile[]> {
  return withContext(async ({ deps }) => {
    const pair = await getPairByName(options.pair ?? null, deps)
    const { mappings } = deps.stores
    const chosen =
      names.length === 0
        ? await mappings.listMappings(pair.id)
        : await Promise.all([...new Set(names)].map((name) => mappings.getMapping(pair.id, name)))
    const definitions = chosen.map(({ definition }) => definition)
    const fileNames = fileNamesOf(definitions.map((definition) => definition.name))
    return definitions.map((definition, index) => ({
      fileName: fileNames[index] ?? '',
      text: printMappingFile(definition),
    }))
  })
}

/** `UNIT OF MEASURE` → `unit-of-measure.yaml` */
function fileNameOf(mapping: string): string {
  return `${stemOf(mapping)}.yaml`
}

function stemOf(mapping: string): string {
  const stem = mapping
    .normalize()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
  return stem || 'mapping'
}

/** Names that differ only in what a file name leaves out (`A B`, `a-b`) get different files. */
export function fileNamesOf(mappings: readonly string[]): readonly string[] {
  const used = new Set<string>()
  return mappings.map((mapping) => {
    const stem = stemOf(mapping)
    let fileName = `${stem}.yaml`
    for (let number = 2; used.has(fileName); number += 1) fileName = `${stem}-${number}.yaml`
    used.add(fileName)
    return fileName
  })
}

async function writeFiles(folder: string, files: readonly MappingFile[], force: boolean): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const { fileName, text } of files) {
    const path = join(folder, fileName)
    try {
      await writeFile(path, text, { flag: force ? 'w' : 'wx' })
    } catch (error) {
      const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST'
      if (!exists) throw error
      throw new SyncError(
        'CONFIG_INVALID',
        `${path} exists; choose another folder, or overwrite it with --force`,
      )
    }
    print(path)
  }
}
