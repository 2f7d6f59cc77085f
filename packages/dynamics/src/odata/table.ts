/** One choice of a column. `state`: the statecode that a statuscode belongs to. */
export type VendorOption = {
  readonly value: number;
  readonly label: string;
  readonly state?: number;
};

/** A column as Dataverse describes it, the part that is read here. */
export type VendorColumn = {
  /** Logical name. */
  readonly name: string;
  readonly label: string;
  /** AttributeType: "String", "Memo", "Picklist", "Lookup", "Customer", "Owner", "PartyList" … */
  readonly kind: string;
  /** Most UTF-16 units, of a String or Memo. */
  readonly length?: number;
  /** That a person must fill it; what Dataverse fills by itself is not among it. */
  readonly required: boolean;
  readonly createable: boolean;
  readonly updateable: boolean;
  /** A calendar day without time or zone. */
  readonly dayOnly?: boolean;
  readonly options?: readonly VendorOption[];
  /** Tables that a lookup may point to. */
  readonly targets?: readonly string[];
};

/** What a lookup is bound by, for each table it may point to: `"<name>@odata.bind"`; exact and case-sensitive (facts §1.3). */
type VendorNavigation = {
  readonly column: string;
  readonly target: string;
  readonly name: string;
};

/** A privilege of a table; activities share theirs (prvCreateActivity). */
export type VendorPrivilege = {
  readonly right: string;
  readonly name: string;
  readonly id: string;
};

/** A table as Dataverse describes it. */
export type VendorType = {
  /** Logical name, such as "phonecall". */
  readonly name: string;
  readonly label: string;
  /** The name in addresses, such as "phonecalls". */
  readonly entitySet: string;
  readonly primaryId: string;
  readonly primaryName: string | undefined;
  readonly isActivity: boolean;
  /** Whether activities may be regarding its rows. */
  readonly hasActivities: boolean;
  readonly columns: readonly VendorColumn[];
  readonly navigation: readonly VendorNavigation[];
  /** Its party-list columns ("from", "to", "cc" …); none for a task. */
  readonly parties: ReadonlySet<string>;
  /** The privileges that it knows, by what they allow: "Create", "Read", "Write", "Delete", "Append", "AppendTo", "Assign", "Share". */
  readonly privileges: readonly VendorPrivilege[];
  /** statuscodes of state 1, of tables that are known (facts §1.4); for others statecode goes alone. */
  readonly completed: {
    readonly made?: number;
    readonly received?: number;
    readonly plain?: number;
  };
};

/** The statuscodes of a completed activity (facts §1.4). */
const completions: Readonly<Record<string, VendorType["completed"]>> = {
  phonecall: { made: 2, received: 4 },
  email: { made: 3, received: 4 },
  task: { plain: 5 },
  appointment: { plain: 3 },
};

/** How a table's rows are completed, as far as it is known. */
export const completionsOf = (table: string): VendorType["completed"] =>
  Object.hasOwn(completions, table) ? (completions[table] ?? {}) : {};

const ours = new Set([
  "activityid",
  "activitytypecode",
  "ownerid",
  "regardingobjectid",
  "statecode",
]);

/** Columns of an activity that no mapping sets: they follow from its links, its agent and its end. */
export const isOurs = (type: Pick<VendorType, "parties">, column: string): boolean =>
  ours.has(column) || type.parties.has(column);

/** The column's name in `$select`, `$filter` and answers. */
export const readName = ({ kind, name }: VendorColumn): string =>
  lookups.has(kind) ? `_${name}_value` : name;

const lookups = new Set(["Lookup", "Customer", "Owner"]);
