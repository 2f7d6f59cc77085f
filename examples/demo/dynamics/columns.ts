/** Columns that this organisation's administrator added to phone calls, emails and tasks, for the app's own mapping. */
export const ownColumns = {
  interaction: "new_interaction",
  disposition: "new_disposition",
} as const;

/** Tables of activities that the demo writes. */
export const activityTables = ["phonecall", "email", "task"] as const;
