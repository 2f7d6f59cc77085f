import type { FoundRecord } from "./search.ts";

/** What became of a save. Nothing but `created` and `already` is in the CRM for sure (R4, R5). */
export type Saved =
  | { readonly is: "created" | "already"; readonly record: FoundRecord }
  /**
   * The CRM's duplicate rules found these, or another agent created this one moments ago: link one instead, or save again with
   * `allowDuplicate` where `mayOverride`.
   */
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
