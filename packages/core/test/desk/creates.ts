import type { Created, CrmAdapter, CrmError, Draft, FieldDescription } from "@wrapup/core";
import type { World } from "../world.ts";

/** What the CRM does with the next creates, in order; the last one stays. `undefined`: as it is. */
type Turn = Created | CrmError | ((draft: Draft) => Promise<void>) | undefined;

/** Every draft that reaches the CRM; what it says is scripted. */
export function onCreate({ crm: { adapter } }: World, ...turns: readonly Turn[]): readonly Draft[] {
  const real = adapter.createRecord?.bind(adapter);
  if (real === undefined) throw new Error("no createRecord");
  const seen: Draft[] = [];
  adapter.createRecord = async (draft, context) => {
    const turn = turns[Math.min(seen.length, turns.length - 1)];
    seen.push(draft);
    if (turn instanceof Error) throw turn;
    if (typeof turn === "object") return turn;
    await turn?.(draft);
    return real(draft, context);
  };
  return seen;
}

export const readsOf = (adapter: CrmAdapter): NonNullable<CrmAdapter["reads"]> => {
  if (adapter.reads === undefined) throw new Error("no reads");
  return adapter.reads;
};

/** Another form than the scripted CRM's own. */
export function withForm(
  { crm: { adapter } }: World,
  ...fields: readonly (Partial<FieldDescription> & { readonly name: string })[]
): void {
  readsOf(adapter).describe = async (types) =>
    types.map((name) => ({
      name,
      label: name,
      fields: fields.map((field) => ({
        label: field.name,
        kind: "text",
        required: false,
        createable: true,
        updateable: true,
        ...field,
      })),
    }));
}
