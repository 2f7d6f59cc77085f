import type { Warning } from "@wrapup/core";
import { completionOf, isFrozen, reopening, stateOf } from "../encode.ts";
import type { Amend, Body, Shape, State } from "../encode.ts";
import type { ChangeSet, Part } from "../odata/multipart.ts";
import type { Item } from "../put.ts";
import { rowAt } from "../query.ts";
import { etagOf } from "../rows.ts";
import type { VendorRow } from "../rows.ts";
import { columnChanges } from "./compare.ts";
import { ownerChange, partyChange, regardingChange } from "./compare-links.ts";
import { correctionText, lateText, noted, nothingNoted, unnoted } from "./late.ts";
import type { Beside } from "./late.ts";
import { partiesPart } from "./parties.ts";
import type { Party } from "./parties.ts";

/** What changes in a row: its columns and binds, its parties, and its state afterwards. */
export type RowChange = {
  readonly body: Body;
  readonly parties?: readonly Party[];
  readonly finish?: State;
};

/**
 * The operations that change a row as it was read (W7): all or none, on this version of it only. What is completed is opened first.
 */
export const changeParts = (
  { row, shape, id }: { readonly row: VendorRow; readonly shape: Shape; readonly id: string },
  { body, parties, finish }: RowChange,
): ChangeSet => {
  const path = rowAt(shape.type.entitySet, id);
  const patch = (what: Body): Part => ({ method: "PATCH", path, body: what });
  const before: readonly Part[] = [
    ...(isFrozen(row) ? [patch(reopening)] : []),
    ...(Object.keys(body).length > 0 ? [patch(body)] : []),
  ];
  // A list of parties takes no condition, and makes a new version: where nothing goes before it, the state does, as it is.
  const list = parties === undefined ? [] : [partiesPart(shape.type, shape.setOf, path, parties)];
  const guard = list.length > 0 && before.length === 0 ? [patch(stateOf(row))] : [];
  const end = finish === undefined ? [] : [patch(finish)];
  const parts: readonly Part[] = [...before, ...guard, ...list, ...end];
  // The first operation makes a new version; those behind it are safe in the same transaction.
  let version = etagOf(row) ?? "*";
  return parts.map((part) => {
    if (part.method !== "PATCH") return part;
    const conditional = { ...part, headers: { "If-Match": version } };
    version = "*";
    return conditional;
  });
};

/** One amendment with all that is known of its row, and of the annotation beside it. */
export type Case = Item<Amend> & Beside & { readonly row: VendorRow; readonly touched: boolean };

/** One way to bring an amendment about. */
type Plan = {
  readonly parts: ChangeSet;
  readonly how: "updated" | "appended";
  readonly warnings: readonly Warning[];
};

/** A way to go, and another where Dataverse does not let us go it. */
export type Step = Case & { readonly plan: Plan; readonly other: Plan | undefined };

/** The wish compared with the row. */
type Compared = {
  readonly change: RowChange;
  /** The columns in it. */
  readonly columns: readonly string[];
  /** Whether columns are all that it changes. */
  readonly onlyColumns: boolean;
  /** Long texts that are a person's now. */
  readonly theirs: readonly string[];
  readonly warnings: readonly Warning[];
};

/** The state after a change; `undefined` leaves it as it is, or opens what was completed. */
const finishOf = ({ write, row, shape, touched }: Case): State | undefined => {
  const { entry, made, contentKnown } = write;
  const ours = !contentKnown && !touched;
  if (!isFrozen(row))
    return entry.final && (!made.final || ours) ? completionOf(entry, shape.type) : undefined;
  if (!entry.final && (made.final || ours)) return undefined;
  // Cancelled, or completed in another way, by a person: it stays so.
  const there = stateOf(row);
  const last = completionOf(made, shape.type);
  const asMade =
    there.statecode === 1 && (last.statuscode ?? there.statuscode) === there.statuscode;
  return ours || asMade ? completionOf(entry, shape.type) : there;
};

const memos = (shape: Shape, names: readonly string[]): readonly string[] =>
  names.filter((name) =>
    shape.type.columns.some((column) => column.name === name && column.kind === "Memo"),
  );

const compare = (of: Case): Compared => {
  const { write, row, shape, touched } = of;
  const columns = columnChanges(write, row, shape, touched);
  const regarding = regardingChange(write, row, shape, touched);
  const owner = ownerChange(write, row, touched);
  const people = partyChange(write, row, shape, touched);
  const finish = finishOf(of);
  const links = { ...regarding.body, ...owner.body };
  return {
    change: {
      body: { ...columns.body, ...links },
      ...(people.parties !== undefined && { parties: people.parties }),
      ...(finish !== undefined && { finish }),
    },
    columns: columns.columns,
    onlyColumns:
      Object.keys(links).length === 0 &&
      people.parties === undefined &&
      !(isFrozen(row) && finish === undefined),
    theirs: memos(
      shape,
      columns.warnings.flatMap(({ field }) => field ?? []),
    ),
    warnings: [...columns.warnings, ...regarding.warnings, ...owner.warnings, ...people.warnings],
  };
};

/** To a completed activity what only adds is said beside it (L8); `undefined` for anything else. */
const adding = (
  of: Case,
  { columns, onlyColumns, theirs, warnings }: Compared,
): Plan | undefined => {
  const { write, row, shape } = of;
  const only = memos(shape, columns).length === columns.length && columns.length > 0;
  if (!isFrozen(row) || !onlyColumns || !only || !write.contentKnown) return undefined;
  const text = lateText(write.made.fields, write.entry.fields, [...columns, ...theirs]);
  const note = text === undefined ? undefined : noted(write.entry, of, text);
  return note === undefined
    ? undefined
    : { parts: note.parts, how: "appended", warnings: [...warnings, ...note.warnings] };
};

/** The row itself is changed; the annotation goes, unless it says what a person's text does not. */
const changing = (of: Case, { change, theirs, warnings }: Compared): Plan => {
  const { write, row } = of;
  const frozen = isFrozen(row);
  const changes = Object.keys(change.body).length > 0 || change.parties !== undefined;
  const settles = frozen === (change.finish === undefined);
  const beside = frozen ? lateText(write.made.fields, write.entry.fields, theirs) : undefined;
  const note =
    theirs.length === 0
      ? unnoted(write.entry, of)
      : (noted(write.entry, { ...of, noteTouched: true }, beside ?? "") ?? nothingNoted);
  return {
    parts: [...(changes || settles ? changeParts(of, change) : []), ...note.parts],
    how: "updated",
    warnings: [...warnings, ...note.warnings],
  };
};

const labelOf =
  ({ type }: Shape) =>
  (name: string): string =>
    type.columns.find((column) => column.name === name)?.label ?? name;

/** What a completed activity should say, in words beside it. Links and owners cannot be said so. */
const telling = (of: Case, { columns, onlyColumns, warnings }: Compared): Plan | undefined => {
  const { write, row, shape } = of;
  if (!isFrozen(row) || !onlyColumns || columns.length === 0) return undefined;
  const { made, entry } = write;
  const text = correctionText(made.fields, entry.fields, columns, labelOf(shape));
  const note = noted(entry, of, text);
  const instead: Warning = {
    code: "amendedAsNote",
    text: "Dynamics 365 did not let the completed activity be opened, so what changed stands in a note beside it.",
  };
  return note === undefined
    ? undefined
    : { parts: note.parts, how: "appended", warnings: [...warnings, ...note.warnings, instead] };
};

/**
 * What an amendment needs: an open row is changed; to a completed one what only adds is noted beside it, and for anything else it
 * is opened, changed and completed again. Nothing is sent where the row says it all.
 */
export const stepOf = (of: Case): Step => {
  const compared = compare(of);
  const added = adding(of, compared);
  return added === undefined
    ? { ...of, plan: changing(of, compared), other: telling(of, compared) }
    : { ...of, plan: added, other: changing(of, compared) };
};
