import type { TextTest } from '../../core/mapping/filter.ts'
import type { EdmType } from './literal.ts'
import type { ConnectionRules } from './server-filter.ts'

/** How the property behind a field is compared by its server. */
export interface FilterProperty {
  /** As it stands in expressions: `name`, `_ownerid_value`. */
  readonly name: string
  readonly type: EdmType
  /** Whether our values of it can be null. */
  readonly nullable: boolean
  /**
   * Digits behind the point that its values show: of a decimal, or of the seconds of a time. The server may compare with
   * more. Null: as many as anybody writes.
   */
  readonly scale: number | null
  /** The literal of what the server keeps in place of null; null where it knows null. */
  readonly blank: string | null
  /** Names of the members of an enumeration on the wire, by our raw value. */
  readonly memberNames?: ReadonlyMap<string, string>
}

/** What a kind of server can be asked. */
export interface FilterDialect extends ConnectionRules {
  /** Values before this day are refused. */
  readonly earliestDate: string
  /**
   * A test that all records pass whose text equals, begins with or contains `text`, perhaps others, too; null where no
   * such test can be written.
   */
  readonly textTest: (op: '=' | TextTest, property: string, text: string) => string | null
  /** A test for one of many raw values, shorter than a chain of `or`; null: use the chain. */
  readonly listTest: (property: string, raws: readonly string[]) => string | null
  /** Longest percent-encoded expression. */
  readonly maxLength: number
}
