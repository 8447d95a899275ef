import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import type { MappingDefinition } from '../../src/core/mapping/definition.ts'
import { parseMappingFile } from '../../src/usecases/mapping-files.ts'

/** The mappings in these files, in their order. */
export async function readDefinitions(paths: readonly string[]): Promise<readonly MappingDefinition[]> {
  const files = await Promise.all(
    paths.map(async (path) => parseMappingFile(await readFile(path, 'utf8'), basename(path))),
  )
  return files.flatMap(({ definitions }) => definitions)
}
