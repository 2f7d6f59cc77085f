/** What was left out, changed or done differently, as data: a receipt carries them, `explain` shows them. */
export type Warning = {
  readonly code:
    | "shortened"
    | "editedInCrm"
    | "amendedAsNote"
    | "ownerFallback"
    | "keptInCrm"
    | "noPlaceForLink"
    | "valueNotAllowed"
    | "degraded";
  /** The CRM's field or the command's place, where there is one. */
  readonly field?: string;
  /** One sentence for people, without customer data. */
  readonly text: string;
};
