import { crmRules } from './crm-rules.ts'
import { crmTables } from './crm-tables.ts'
import { navRules } from './nav-rules.ts'
import { navTables } from './nav-tables.ts'

/** Names of the two schemas; the mappings name tables without them, so a connection has to search in the right one. */
export const demoSchemas = { local: 'nav', remote: 'crm' } as const

/** Creates the schema `nav`; it must not exist. */
export const navSchemaSql = navTables + navRules

/** Creates the schema `crm` with its base currency and its integration user; it must not exist. */
export const crmSchemaSql = crmTables + crmRules
