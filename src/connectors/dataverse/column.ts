import type { FieldSchema, FieldType } from '../../core/mapping/schema.ts'
import type { EdmType } from '../odata/literal.ts'
import type { Attribute, Option, TableDescription } from './metadata.ts'

/** Tables a lookup may lead to, and the navigation property that binds it to each (connectors.md A.6). */
export type LookupTargets = ReadonlyMap<string, string>

/** A column as fields and requests see it. */
export interface Column {
  readonly field: FieldSchema
  /** Its name in answers, `$select` and filters: `name`, `_ownerid_value`. */
  readonly property: string
  readonly edm: EdmType
  /** Digits behind the point that its values show; null: as many as anybody writes. */
  readonly scale: number | null
  readonly targets: LookupTargets | null
  /** Set for a field that tells to which table this lookup leads; such a field is no column of its own. */
  readonly typeOf: string | null
  readonly isValidForCreate: boolean
  readonly isValidForUpdate: boolean
}

interface Kind {
  readonly type: FieldType
  readonly edm: EdmType
  readonly scale?: number | null
}

/** Types that hold a value a record can be given, by `AttributeType`. Everything else is not supported. */
const kinds: Readonly<Record<string, (attribute: Attribute, options: readonly Option[]) => Kind>> = {
  Uniqueidentifier: () => ({ type: { kind: 'uuid' }, edm: 'Edm.Guid' }),
  String: textKind,
  Memo: textKind,
  Picklist: optionKind,
  State: optionKind,
  Status: optionKind,
  Boolean: () => ({ type: { kind: 'boolean' }, edm: 'Edm.Boolean' }),
  Integer: () => ({ type: { kind: 'integer', bits: 32 }, edm: 'Edm.Int32' }),
  BigInt: () => ({ type: { kind: 'integer', bits: 64 }, edm: 'Edm.Int64' }),
  Decimal: (attribute) => decimalKind(attribute, attribute.Precision ?? null, 'Edm.Decimal'),
  Money: (attribute) => decimalKind(attribute, moneyScale(attribute), 'Edm.Decimal'),
  Double: (attribute) => ({ ...decimalKind(attribute, null, 'Edm.Double') }),
  DateTime: dateKind,
  Lookup: lookupKind,
  Owner: lookupKind,
  Customer: lookupKind,
}

/** What the table fills by itself where a new record says nothing. */
const filledByItself = new Set(['State', 'Status', 'Boolean', 'Owner', 'Uniqueidentifier'])

/**
 * Fields for one attribute: none where it only explains another one, two for a lookup that may lead to several tables –
 * `parentcustomerid`, and `parentcustomeridtype` for the table. A text instead is the name of a type nobody can read here.
 */
export function columnsOf(attribute: Attribute, table: TableDescription): readonly Column[] | string {
  if (attribute.AttributeOf || attribute.IsValidForRead === false) return []
  if (attribute.AttributeType === 'EntityName') return []
  const name = attribute.LogicalName
  const kind =
    attribute.AttributeTypeName?.Value === 'MultiSelectPicklistType'
      ? textKind(attribute)
      : kinds[attribute.AttributeType]?.(attribute, table.options.get(name) ?? [])
  if (!kind) return attribute.AttributeTypeName?.Value ?? attribute.AttributeType
  const isKey = name === table.primaryId
  const targets = kind.edm === 'Edm.Guid' && !isKey ? (table.navigation.get(name) ?? null) : null
  const isLookup = lookupTypes.has(attribute.AttributeType)
  const canBeBound = !isLookup || targets !== null
  const column: Column = {
    field: {
      name,
      type: kind.type,
      nullable: !isKey && attribute.RequiredLevel?.Value !== 'SystemRequired',
      writable: canBeBound && (attribute.IsValidForCreate !== false || attribute.IsValidForUpdate !== false),
      hasDefault: filledByItself.has(attribute.AttributeType),
    },
    property: isLookup ? `_${name}_value` : name,
    edm: kind.edm,
    scale: kind.scale ?? null,
    targets: isLookup ? targets : null,
    typeOf: null,
    isValidForCreate: canBeBound && attribute.IsValidForCreate !== false,
    isValidForUpdate: canBeBound && attribute.IsValidForUpdate !== false && !isKey,
  }
  return isLookup && (targets?.size ?? 0) > 1 ? [column, typeColumn(column)] : [column]
}

const lookupTypes = new Set(['Lookup', 'Owner', 'Customer'])

function typeColumn(lookup: Column): Column {
  return {
    ...lookup,
    field: {
      ...lookup.field,
      name: `${lookup.field.name}type`,
      type: { kind: 'text', maxLength: null },
      nullable: true,
      hasDefault: true,
    },
    edm: 'Edm.String',
    targets: null,
    typeOf: lookup.field.name,
  }
}

function textKind({ MaxLength }: Attribute): Kind {
  return { type: { kind: 'text', maxLength: MaxLength ?? null }, edm: 'Edm.String' }
}

function optionKind(_attribute: Attribute, options: readonly Option[]): Kind {
  const labels = options.map(({ Value, Label }) => {
    const caption = Label?.UserLocalizedLabel?.Label ?? String(Value)
    return { value: Value, name: caption, caption }
  })
  return {
    type: { kind: 'option', values: options.map(({ Value }) => Value), labels },
    edm: 'Edm.Int32',
  }
}

/** As many digits before the point as its largest value has. */
function decimalKind({ MaxValue }: Attribute, scale: number | null, edm: EdmType): Kind {
  const whole = MaxValue === null || MaxValue === undefined ? null : String(Math.trunc(MaxValue)).length
  const hasLimit = whole !== null && whole < 30 && scale !== null
  return { type: { kind: 'decimal', precision: hasLimit ? whole + scale : null, scale }, edm, scale }
}

/** Money is kept with four decimals where the column does not say itself how many count. */
function moneyScale({ Precision, PrecisionSource }: Attribute): number {
  return PrecisionSource ? 4 : (Precision ?? 4)
}

/** By behaviour (connectors.md A.12): a day, a point in time, or what the clock on the wall shows. */
function dateKind({ DateTimeBehavior }: Attribute): Kind {
  switch (DateTimeBehavior?.Value) {
    case 'DateOnly':
      return { type: { kind: 'date' }, edm: 'Edm.Date' }
    case 'TimeZoneIndependent':
      return { type: { kind: 'moment' }, edm: 'Edm.DateTimeOffset', scale: 0 }
    default:
      return { type: { kind: 'instant' }, edm: 'Edm.DateTimeOffset', scale: 0 }
  }
}

function lookupKind(): Kind {
  return { type: { kind: 'uuid' }, edm: 'Edm.Guid' }
}
