import type { Org } from "../org.ts";
import type { Problem } from "../problem.ts";
import type { Undo } from "../write/undo.ts";

/** One answer before it is put into HTTP or into a part of a batch. `body`: to be sent as JSON; `undefined` for none. */
export type Answer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
};

/** One operation: a request of its own, or one part of a batch. */
export type ApiCall = {
  readonly org: Org;
  readonly method: string;
  /** Below `/api/data/v9.2/`, still percent-encoded, without the query: `phonecalls(…)`, `$metadata`, `EntityDefinitions(…)/Attributes`. */
  readonly path: string;
  /** Without the question mark, still percent-encoded. */
  readonly query: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON; `undefined` for none. */
  readonly body: unknown;
  /** Everything that this operation changes can be taken back through it; the operations of a change set share one. */
  readonly undo: Undo;
  /** systemuserid of who acts. */
  readonly userId: string;
  /** `$1` and so on to the entity reference it stands for (`phonecalls(guid)`), inside a change set only. */
  readonly references: ReadonlyMap<string, string>;
  /** Asks the armed `lock` and `partial` faults whether this operation on a table is struck. */
  readonly strike: (table: string) => Problem | undefined;
};
