import { randomUUID } from "node:crypto";
import type { Created, CrmAdapter } from "../adapter/contract.ts";
import { CrmError } from "../adapter/crm-error.ts";
import type { Connection } from "../gate/connection.ts";
import { withPatience } from "../gate/patience.ts";
import type { DraftState, Interaction } from "../model/interaction.ts";
import type { Fields, RecordRef } from "../model/record.ts";
import { WrapupError } from "../errors.ts";
import { need, record } from "./commands.ts";
import type { Desk } from "./desk.ts";
import { type FormField, prefilled, problemsOf, withValue } from "./draft-form.ts";
import { linkOf } from "./linkable.ts";
import { asFound, type FoundRecord } from "./search.ts";

/** What became of a save. Nothing but `created` and `already` is in the CRM for sure (R4, R5). */
export type Saved =
  | { readonly is: "created" | "already"; readonly record: FoundRecord }
  /** The CRM's duplicate rules found these: link one instead, or save again with `allowDuplicate` where `mayOverride`. */
  | {
      readonly is: "duplicate";
      readonly candidates: readonly FoundRecord[];
      readonly mayOverride: boolean;
    }
  | {
      readonly is: "refused";
      readonly problems: readonly { readonly field?: string; readonly reason: string }[];
    }
  /** It may have been created: look at the candidates before saving again. */
  | { readonly is: "uncertain"; readonly candidates: readonly FoundRecord[] };

/** A record an agent is filling in. Nothing exists anywhere until `save`; `cancel` leaves nothing (R3). */
export class RecordDraft {
  /** The key that makes saving twice make one record. Keep it to save again after a crash. */
  readonly id: string;
  readonly connection: string;
  readonly type: string;
  readonly form: readonly FormField[];
  readonly #desk: Desk;
  readonly #interaction: string;
  readonly #by: string | undefined;
  #saving: Promise<Saved> | undefined;
  #cancelled = false;

  constructor(
    desk: Desk,
    of: {
      readonly id: string;
      readonly interaction: string;
      readonly connection: string;
      readonly type: string;
      readonly form: readonly FormField[];
      readonly by?: string;
    },
  ) {
    this.#desk = desk;
    this.id = of.id;
    this.connection = of.connection;
    this.type = of.type;
    this.form = of.form;
    this.#interaction = of.interaction;
    this.#by = of.by;
  }

  /**
   * Creates the record and links it to the interaction. Fields override what the form was prefilled with.
   * Two saves at once share one request; a save after a crash with the same draft id makes no second record.
   * Throws `CrmError` when the CRM surely did not receive it: the draft stays open.
   */
  save(fields: Fields, options: { readonly allowDuplicate?: boolean } = {}): Promise<Saved> {
    if (this.#cancelled)
      return Promise.reject(
        new WrapupError("not_allowed", "This draft was cancelled", {
          place: `draft(${this.type}).save`,
          mend: "Open a new draft.",
        }),
      );
    this.#saving ??= this.#save(fields, options.allowDuplicate === true).finally(() => {
      this.#saving = undefined;
    });
    return this.#saving;
  }

  /** Throws the draft away. Nothing was stored. */
  cancel(): void {
    this.#cancelled = true;
  }

  async #save(fields: Fields, allowDuplicate: boolean): Promise<Saved> {
    const place = `draft(${this.type}).save`;
    const connection = await this.#desk.connections.need(
      { tenant: this.#desk.tenant, connection: this.connection },
      place,
    );
    const { adapter } = connection;
    const create = createOf(adapter, place);
    const values = { ...prefilled(this.form), ...fields };
    const problems = problemsOf(values, this.form);
    if (problems.length > 0) return { is: "refused", problems };
    const before = (await need(this.#desk, this.#interaction)).drafts.find(
      (draft) => draft.id === this.id,
    );
    if (before?.state === "created" && before.record !== undefined)
      return this.#already(connection, before.record);
    const maybeSent = before?.state === "saving" || before?.state === "uncertain";
    // What may have been sent is repeated unchanged: other values would make a second record. A person who allows that has new ones sent.
    const sent = maybeSent && !allowDuplicate ? (before.fields ?? values) : values;
    await this.#keep({ state: "saving", fields: sent });
    const created = await this.#call(
      connection,
      (again) => ({
        key: this.id,
        type: this.type,
        fields: sent,
        allowDuplicate,
        maybeSent: again,
      }),
      maybeSent,
      create,
    );
    return this.#settle(created, sent, connection.settings.searchOrder);
  }

  /** Repeats what was surely not sent; what may have been sent is answered `uncertain` unless the CRM keeps our key. */
  async #call(
    connection: Connection,
    draft: (maybeSent: boolean) => Parameters<NonNullable<CrmAdapter["createRecord"]>>[0],
    maybeSent: boolean,
    create: NonNullable<CrmAdapter["createRecord"]>,
  ): Promise<Created> {
    const place = `draft(${this.type}).save`;
    const once = (again: boolean): Promise<Created> =>
      withPatience(connection.gate, { place, repeat: "ifNotSent" }, (context) =>
        create(draft(again), context),
      );
    try {
      return await once(maybeSent);
    } catch (error) {
      if (!(error instanceof CrmError) || error.sent === "no") {
        if (!maybeSent) await this.#keep({ state: "open" });
        throw error;
      }
    }
    try {
      // The same key again: a CRM that keeps it answers with the record it already made.
      return await once(true);
    } catch (error) {
      if (!(error instanceof CrmError)) throw error;
      return { is: "uncertain", candidates: [] };
    }
  }

  async #settle(created: Created, sent: Fields, personTypes: readonly string[]): Promise<Saved> {
    const found = (
      candidates: Extract<Created, { is: "uncertain" }>["candidates"],
    ): readonly FoundRecord[] => candidates.map((candidate) => asFound(this.connection, candidate));
    switch (created.is) {
      case "created":
      case "already": {
        const made = asFound(this.connection, created.record);
        await record(this.#desk, this.#interaction, {
          ...linkOf(made, personTypes),
          ...(this.#by !== undefined && { by: this.#by }),
        });
        await this.#keep({ state: "created", record: made.ref });
        return { is: created.is, record: made };
      }
      case "uncertain":
        await this.#keep({ state: "uncertain", fields: sent });
        return { is: "uncertain", candidates: found(created.candidates) };
      case "duplicate":
        await this.#keep({ state: "open" });
        return {
          is: "duplicate",
          candidates: found(created.candidates),
          mayOverride: created.mayOverride,
        };
      case "refused":
        await this.#keep({ state: "open" });
        return created;
    }
  }

  async #keep(state: Pick<DraftState, "state" | "record" | "fields">): Promise<Interaction> {
    const applied = await record(this.#desk, this.#interaction, {
      do: "draft",
      draft: { id: this.id, connection: this.connection, type: this.type, ...state },
      ...(this.#by !== undefined && { by: this.#by }),
    });
    return applied.interaction;
  }

  async #already(connection: Connection, ref: RecordRef): Promise<Saved> {
    const { reads } = connection.adapter;
    const [found] =
      reads === undefined
        ? []
        : await withPatience(
            connection.gate,
            { place: "draft.save", repeat: "always" },
            (context) => reads.get([ref], context),
          );
    const record: FoundRecord =
      found !== undefined && "ref" in found
        ? asFound(this.connection, found)
        : { ref, title: "", url: connection.adapter.openUrl?.(ref) ?? "", fields: {} };
    return { is: "already", record };
  }
}

/** Opens a draft: the form from the CRM's own description, prefilled from the card and the interaction (R3). */
export async function openDraft(
  desk: Desk,
  interaction: Interaction,
  of: {
    readonly connection: string;
    readonly type: string;
    readonly id?: string;
    readonly by?: string;
  },
): Promise<RecordDraft> {
  const place = `draft("${of.connection}", "${of.type}")`;
  const connection = await desk.connections.need(
    { tenant: desk.tenant, connection: of.connection },
    place,
  );
  createOf(connection.adapter, place);
  const { creatable } = connection.settings;
  if (!creatable.includes(of.type))
    throw new WrapupError(
      "unknown_record_type",
      `Agents may not create "${of.type}" in "${of.connection}"`,
      {
        place,
        mend:
          creatable.length === 0
            ? "Name the types in the connection's creatable list."
            : `Allowed are: ${creatable.join(", ")}.`,
      },
    );
  const { reads } = connection.adapter;
  const [description] =
    reads === undefined
      ? []
      : await withPatience(connection.gate, { place, repeat: "always" }, (context) =>
          reads.describe([of.type], context),
        );
  if (reads !== undefined && description === undefined)
    throw new WrapupError(
      "unknown_record_type",
      `The CRM has no type "${of.type}", or this user may not see it`,
      { place, mend: "Take it off the creatable list, or ask the CRM's administrator." },
    );
  const form = (description?.fields ?? [])
    .filter((field) => field.createable)
    .map((field) => withValue(field, interaction, of.connection));
  return new RecordDraft(desk, {
    id: of.id ?? randomUUID(),
    interaction: interaction.id,
    connection: of.connection,
    type: of.type,
    form,
    ...(of.by !== undefined && { by: of.by }),
  });
}

function createOf(adapter: CrmAdapter, place: string): NonNullable<CrmAdapter["createRecord"]> {
  const create = adapter.createRecord?.bind(adapter);
  if (create !== undefined) return create;
  throw new WrapupError("not_supported", `${adapter.name} cannot create records through Wrapup`, {
    place,
    mend: "Create it in the CRM and link it.",
  });
}
