import { readdirSync, readFileSync } from 'node:fs'
import type { DemoContents } from '../../src/demo/seed.ts'
import { createDemoDatabases } from '../../src/demo/seed.ts'
import { parseMappingFile } from '../../src/usecases/mapping-files.ts'
import { createInstallation, type Installation, type QueueKind } from './installation.ts'

/** The shipped mappings, as a user would import them. */
function shippedMappings() {
  return readdirSync('mappings').flatMap((file) => {
    const { definitions, problems } = parseMappingFile(readFileSync(`mappings/${file}`, 'utf8'), file)
    if (problems.length > 0) throw new Error(`${file}: ${problems[0]?.message}`)
    return definitions
  })
}

/** An installation over the demo's two systems with the seven shipped mappings. */
export async function createDemoInstallation(options: {
  queue: QueueKind
  size: number
  env?: Readonly<Record<string, string>>
}): Promise<Installation & { readonly contents: DemoContents }> {
  const couplet = await createInstallation({ queue: options.queue, systemsSql: '', env: options.env ?? {} })
  const url = couplet.env['SYSTEMS_URL'] ?? ''
  const contents = await createDemoDatabases({ localUrl: url, remoteUrl: url, size: options.size })
  await couplet.import(...shippedMappings())
  return { ...couplet, contents }
}
