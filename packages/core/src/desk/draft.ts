import { WrapupError } from "../errors.ts";
import { readInput } from "../model/door.ts";
import { recordFields } from "../model/door-schemas.ts";
import type { Fields } from "../model/record.ts";
import { placeOf } from "./commands.ts";
import type { Desk } from "./desk.ts";
import type { FormField } from "./draft-form.ts";
import { saving } from "./handed.ts";
import type { Saved } from "./saved.ts";
import { type DraftOf, saveDraft } from "./saving.ts";

export type { Saved } from "./saved.ts";

/** A record an agent is filling in. Nothing exists anywhere until `save`; `cancel` leaves nothing (R3). */
export class RecordDraft {
  /** The key that makes saving twice make one record. Keep it to save again after a crash. */
  readonly id: string;
  readonly connection: string;
  readonly type: string;
  readonly form: readonly FormField[];
  readonly #desk: Desk;
  readonly #of: DraftOf;
  #saving: Promise<Saved> | undefined;
  #cancelled = false;

  constructor(desk: Desk, of: DraftOf) {
    this.#desk = desk;
    this.#of = of;
    this.id = of.id;
    this.connection = of.connection;
    this.type = of.type;
    this.form = of.form;
  }

  /**
   * Creates the record and links it to the interaction. Fields override what the form was prefilled with.
   * Two saves at once share one request; a save after a crash with the same draft id makes no second record.
   *
   * Drafts of one identity are saved one after another (R4): of a person the email, else the phone, else the exact name; of anything
   * else all that was filled in. What another draft of it made within the last ten minutes, in whichever interaction, is answered as
   * `duplicate`, unless `allowDuplicate`. No search is made for that: before the first create the CRM's duplicate rules and the
   * agent's own search decide. It holds within one running Wrapup; between processes the CRM's keys and duplicate rules must do it.
   *
   * Throws `CrmError` when the CRM surely did not receive it: the draft stays open. Throws `invalid_input`, `not_allowed` (cancelled).
   */
  async save(fields: Fields, options: { readonly allowDuplicate?: boolean } = {}): Promise<Saved> {
    const place = `${placeOf("draft", this.connection, this.type)}.save`;
    if (this.#cancelled)
      throw new WrapupError("not_allowed", "This draft was cancelled", {
        place,
        mend: "Open a new draft.",
      });
    const typed = readInput(recordFields, fields, place);
    const { allowDuplicate = false } = readInput(saving, options, place);
    this.#saving ??= saveDraft(this.#desk, this.#of, {
      fields: typed,
      allowDuplicate,
      place,
    }).finally(() => {
      this.#saving = undefined;
    });
    return this.#saving;
  }

  /** Throws the draft away. Nothing was stored. */
  cancel(): void {
    this.#cancelled = true;
  }
}
