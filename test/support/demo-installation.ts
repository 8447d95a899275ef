import { shippedMappingFiles } from '../../src/app/package-root.ts'
import type { DemoContents } from '../../src/demo/seed.ts'
import { createDemoDatabases } from '../../src/demo/seed.ts'
import { createInstallation, type Installation, type QueueKind } from './installation.ts'
import { readDefinitions } from './mapping-files.ts'

/** An installation over the demo's two systems with the seven shipped mappings. */
export async function createDemoInstallation(options: {
  queue: QueueKind
  size: number
  env?: Readonly<Record<string, string>>
}): Promise<Installation & { readonly contents: DemoContents }> {
  const couplet = await createInstallation({ queue: options.queue, systemsSql: '', env: options.env ?? {} })
  const url = couplet.env['SYSTEMS_URL'] ?? ''
  const contents = await createDemoDatabases({ localUrl: url, remoteUrl: url, size: options.size })
  await couplet.import(...(await readDefinitions(shippedMappingFiles())))
  return { ...couplet, contents }
}
