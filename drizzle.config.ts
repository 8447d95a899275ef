import { defineConfig } from 'drizzle-kit'

/** `npx drizzle-kit generate` writes the next migration from src/store/schema; it needs no database. */
export default defineConfig({
  dialect: 'postgresql',
  schema: './src/store/schema/*.ts',
  out: './src/store/migrations',
  schemaFilter: ['couplet'],
  casing: 'snake_case',
})
