import type { Created, CrmAdapter, CrmRecord, Draft } from "../adapter/contract.ts";
import { CrmError } from "../adapter/crm-error.ts";
import { WrapupError } from "../errors.ts";
import type { Connection } from "../gate/connection.ts";
import { withPatience } from "../gate/patience.ts";
import type { DraftState } from "../model/interaction.ts";
import type { Fields, RecordRef } from "../model/record.ts";
import { need, needConnection, record } from "./commands.ts";
import type { Desk } from "./desk.ts";
import { type FormField, prefilled, problemsOf } from "./draft-form.ts";
import { identityOf } from "./identity.ts";
import { linkOf } from "./linkable.ts";
import type { Saved } from "./saved.ts";
import { asFound } from "./search.ts";

/** Which draft, of what, for which interaction. */
export type DraftOf = {
  readonly id: string;
  readonly interaction: string;
  readonly connection: string;
  readonly type: string;
  readonly form: readonly FormField[];
  readonly by?: string;
};

/** What an agent wants saved, and where it was asked for. */
export type Wish = {
  readonly fields: Fields;
  readonly allowDuplicate: boolean;
  readonly place: string;
};

type Create = NonNullable<CrmAdapter["createRecord"]>;

/** One save under way. */
type Save = Omit<Wish, "fields"> & {
  readonly desk: Desk;
  readonly of: DraftOf;
  readonly connection: Connection;
  readonly create: Create;
};

/** Creates the record of a draft once, and links it (R3, R4). */
export async function saveDraft(desk: Desk, of: DraftOf, wish: Wish): Promise<Saved> {
  const { fields, allowDuplicate, place } = wish;
  const connection = await needConnection(desk, of.connection, place);
  const create = createOf(connection.adapter, place);
  const values = { ...prefilled(of.form), ...fields };
  const problems = problemsOf(values, of.form);
  if (problems.length > 0) return { is: "refused", problems };
  const save: Save = { desk, of, connection, create, allowDuplicate, place };
  // The same draft may be open twice.
  return desk.creates.inTurn(keyOf(save, "draft", of.id), () => saveInTurn(save, values));
}

const keyOf = ({ desk, of }: Save, ...rest: readonly string[]): string =>
  JSON.stringify([desk.tenant, of.connection, of.type, ...rest]);

async function saveInTurn(save: Save, values: Fields): Promise<Saved> {
  const { desk, of, connection, allowDuplicate } = save;
  const { drafts } = await need(desk, of.interaction);
  const before = drafts.find((draft) => draft.id === of.id);
  if (before?.state === "created" && before.record !== undefined)
    return alreadyMade(save, before.record);
  const maybeSent = before?.state === "saving" || before?.state === "uncertain";
  // What may have been sent is repeated unchanged: other values would make a second record. A person who allows that has new ones sent.
  const sent = maybeSent && !allowDuplicate ? (before.fields ?? values) : values;
  const identity = keyOf(save, "identity", identityOf(of.type, sent, connection.settings));
  return desk.creates.inTurn(identity, async () => {
    const made = allowDuplicate ? undefined : desk.creates.madeBefore(identity, of.id);
    if (made !== undefined) return { is: "duplicate", candidates: [made], mayOverride: true };
    await keep(save, { state: "saving", fields: sent });
    const saved = await settle(save, await send(save, sent, maybeSent), sent);
    if (saved.is === "created" || saved.is === "already")
      desk.creates.remember(identity, of.id, saved.record);
    return saved;
  });
}

/** Repeats what was surely not sent; what may have been sent is answered `uncertain` unless the CRM keeps our key. */
async function send(save: Save, sent: Fields, maybeSent: boolean): Promise<Created> {
  const { of, allowDuplicate } = save;
  const draft = { key: of.id, type: of.type, fields: sent, allowDuplicate };
  try {
    return await sendOnce(save, { ...draft, maybeSent });
  } catch (error) {
    if (!(error instanceof CrmError) || error.sent === "no") {
      if (!maybeSent) await keep(save, { state: "open" });
      throw error;
    }
  }
  try {
    // The same key again: a CRM that keeps it answers with the record it already made.
    return await sendOnce(save, { ...draft, maybeSent: true });
  } catch (error) {
    if (!(error instanceof CrmError)) throw error;
    return { is: "uncertain", candidates: [] };
  }
}

const sendOnce = ({ connection, place, create }: Save, draft: Draft): Promise<Created> =>
  withPatience(connection.gate, { place, repeat: "ifNotSent" }, (context) =>
    create(draft, context),
  );

async function settle(save: Save, created: Created, sent: Fields): Promise<Saved> {
  const { desk, of, connection } = save;
  const found = (record: CrmRecord) => asFound(of.connection, record);
  switch (created.is) {
    case "created":
    case "already": {
      const made = found(created.record);
      await record(desk, of.interaction, {
        ...linkOf(made, connection.settings.searchOrder),
        ...byOf(save),
      });
      await keep(save, { state: "created", record: made.ref });
      return { is: created.is, record: made };
    }
    case "uncertain":
      await keep(save, { state: "uncertain", fields: sent });
      return { is: "uncertain", candidates: created.candidates.map(found) };
    case "duplicate":
      await keep(save, { state: "open" });
      return {
        is: "duplicate",
        candidates: created.candidates.map(found),
        mayOverride: created.mayOverride,
      };
    case "refused":
      await keep(save, { state: "open" });
      return created;
  }
}

async function keep(
  save: Save,
  state: Pick<DraftState, "state" | "record" | "fields">,
): Promise<void> {
  const { desk, of } = save;
  const draft = { id: of.id, connection: of.connection, type: of.type, ...state };
  await record(desk, of.interaction, { do: "draft", draft, ...byOf(save) });
}

const byOf = ({ of: { by } }: Save): { readonly by?: string } => (by === undefined ? {} : { by });

async function alreadyMade({ of, connection, place }: Save, ref: RecordRef): Promise<Saved> {
  const { adapter } = connection;
  const { reads } = adapter;
  const [found] =
    reads === undefined
      ? []
      : await withPatience(connection.gate, { place, repeat: "always" }, (context) =>
          reads.get([ref], context),
        );
  if (found !== undefined && "ref" in found)
    return { is: "already", record: asFound(of.connection, found) };
  const url = adapter.openUrl?.(ref) ?? "";
  return { is: "already", record: { ref, title: "", url, fields: {} } };
}

/** How this CRM creates records. Throws `not_supported` where it does not. */
export function createOf(adapter: CrmAdapter, place: string): Create {
  const create = adapter.createRecord?.bind(adapter);
  if (create !== undefined) return create;
  throw new WrapupError("not_supported", `${adapter.name} cannot create records through Wrapup`, {
    place,
    mend: "Create it in the CRM and link it.",
  });
}
