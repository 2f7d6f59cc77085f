/** An activity as it stands in a CRM. Times are epoch ms by the shared clock. */
export type Found = {
  readonly interaction: string;
  readonly key: string;
  readonly kind: string;
  readonly owner: string;
  /** What stands in which of its places, as `place id`; sorted. */
  readonly places: readonly string[];
  readonly disposition: string | undefined;
  /** All its text, that of notes at it included. */
  readonly says: string;
  /** The CRM shows it as completed. */
  readonly done: boolean;
  readonly createdAt: number;
  /** Its last change. */
  readonly modifiedAt: number;
};

/** An activity that should be there, with the CRM's own ids. */
export type Wanted = {
  readonly interaction: string;
  readonly kind: string;
  readonly owner: string;
  readonly places: readonly string[];
  /** Checked where given. */
  readonly disposition: string | undefined;
  /** Checked where given. */
  readonly says: string | undefined;
  readonly dueAt: number;
  /** When the last leg it tells of was due. */
  readonly latestAt: number;
  readonly fate: "written" | "parked";
};

/** What the CRM holds, compared with what it should hold. Every list but `right` must be empty. */
export type Verdict = {
  readonly right: readonly { readonly wanted: Wanted; readonly found: Found }[];
  readonly missing: readonly Wanted[];
  readonly duplicates: readonly Found[];
  /** Committed, or last changed, before the moment that became due. */
  readonly early: readonly { readonly wanted: Wanted; readonly found: Found }[];
  /** There, but on the wrong record or under the wrong agent. */
  readonly misfiled: readonly { readonly wanted: Wanted; readonly found: Found }[];
  /** There, but not completed, or without what was told last. */
  readonly outdated: readonly { readonly wanted: Wanted; readonly found: Found }[];
  /** Nobody asked for it. */
  readonly unexpected: readonly Found[];
};

const place = (one: Wanted | Found): string => [one.kind, one.owner, ...one.places].join(" ");

/** Compares interaction by interaction. Pure; knows nothing of the library's keys and plans. */
export function prove(wanted: readonly Wanted[], found: readonly Found[]): Verdict {
  const verdicts = [...new Set([...wanted, ...found].map(({ interaction }) => interaction))].map(
    (interaction) =>
      proveOne(
        wanted.filter((one) => one.interaction === interaction && one.fate === "written"),
        found.filter((one) => one.interaction === interaction),
      ),
  );
  const all = <Key extends keyof Verdict>(key: Key) =>
    verdicts.flatMap((verdict) => [...verdict[key]] as Verdict[Key][number][]);
  return {
    right: all("right"),
    missing: all("missing"),
    duplicates: all("duplicates"),
    early: all("early"),
    misfiled: all("misfiled"),
    outdated: all("outdated"),
    unexpected: all("unexpected"),
  };
}

/** Whether everything is as it should be. */
export const holds = ({ right: _right, ...faults }: Verdict): boolean =>
  Object.values(faults).every((list) => list.length === 0);

function proveOne(wanted: readonly Wanted[], found: readonly Found[]): Verdict {
  const spare = found.toSorted((a, b) => a.createdAt - b.createdAt);
  const take = (fits: (one: Found) => boolean): Found | undefined => {
    const at = spare.findIndex(fits);
    return at === -1 ? undefined : spare.splice(at, 1)[0];
  };
  const pairs: { wanted: Wanted; found: Found }[] = [];
  const open: Wanted[] = [];
  for (const one of wanted.toSorted((a, b) => a.dueAt - b.dueAt)) {
    // Of several alike the one with the right disposition, else the first.
    const match =
      take((each) => place(each) === place(one) && each.disposition === one.disposition) ??
      take((each) => place(each) === place(one));
    if (match === undefined) open.push(one);
    else pairs.push({ wanted: one, found: match });
  }
  // A second activity in a place that is filled already is a repetition, not a misfiled one.
  const filled = new Set(pairs.map((pair) => place(pair.found)));
  const duplicates = spare.filter((one) => filled.has(place(one)));
  for (const one of duplicates) spare.splice(spare.indexOf(one), 1);
  const misfiled: { wanted: Wanted; found: Found }[] = [];
  const missing: Wanted[] = [];
  for (const one of open) {
    const near =
      take((each) => each.owner === one.owner) ??
      take((each) => each.places.join() === one.places.join());
    if (near === undefined) missing.push(one);
    else misfiled.push({ wanted: one, found: near });
  }
  return {
    right: pairs,
    missing,
    duplicates,
    early: [...pairs, ...misfiled].filter(
      ({ wanted: one, found: there }) =>
        there.createdAt < one.dueAt || there.modifiedAt < one.latestAt,
    ),
    misfiled,
    outdated: pairs.filter(
      (pair) =>
        !pair.found.done ||
        !pair.found.says.includes(pair.wanted.says ?? "") ||
        (pair.wanted.disposition !== undefined &&
          pair.found.disposition !== pair.wanted.disposition),
    ),
    unexpected: spare,
  };
}

/** Cases of agents by their subject: none missing, none twice. */
export function proveCases(
  wanted: readonly string[],
  found: readonly string[],
): { readonly missing: readonly string[]; readonly twice: readonly string[] } {
  const times = (subject: string): number => found.filter((one) => one === subject).length;
  return {
    missing: wanted.filter((subject) => times(subject) === 0),
    twice: wanted.filter((subject) => times(subject) > 1),
  };
}
