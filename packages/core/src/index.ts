export { answerOf, CrmError } from "./adapter/crm-error.ts";
export type {
  Abilities,
  AdapterDefaults,
  Answer,
  Context,
  Created,
  CrmAdapter,
  CrmRecord,
  Draft,
  FieldDescription,
  Finding,
  LinkRules,
  Reads,
  Refusal,
  SearchQuery,
  Seen,
  Trouble,
  TypeDescription,
  Write,
} from "./adapter/contract.ts";
export { isWrapupError, WrapupError } from "./errors.ts";
export type { ErrorCode, ErrorPlace } from "./errors.ts";
export type { Agent } from "./model/agent.ts";
export type { Card, CardField, CardValue, CustomerInput } from "./model/card.ts";
export type { ActivityPer, Channel, Direction } from "./model/channel.ts";
export { systemClock } from "./model/clock.ts";
export type { Clock } from "./model/clock.ts";
export type {
  Command,
  CommandMeta,
  Decision,
  HistoryLine,
  LegCommand,
  WholeCommand,
} from "./model/command.ts";
export type { Entry, EntryKind, Receipt } from "./model/entry.ts";
export type {
  DraftState,
  Interaction,
  InteractionLog,
  InteractionStatus,
  Link,
  Mail,
  MailOrder,
  Note,
} from "./model/interaction.ts";
export { freshRow, reopenedRow, replayedRow } from "./model/ledger.ts";
export type { Lane, Row } from "./model/ledger.ts";
export type { CloseReason, Durations, Leg, LegRole, LegState, Offer } from "./model/leg.ts";
export type { ActivityMapping, FactName, FieldSource, Mapping } from "./model/mapping.ts";
export { recordKey, sameRecord } from "./model/record.ts";
export type { Fields, FieldValue, RecordId, RecordRef } from "./model/record.ts";
export type { Deadlines, LifecycleSettings } from "./model/settings.ts";
export type { Warning } from "./model/warning.ts";
export type {
  Applied,
  Claim,
  ConnectionKey,
  GateState,
  InteractionKey,
  RowFilter,
  Settlement,
  Store,
  StoreAbilities,
  StoreStats,
} from "./store/contract.ts";
export { samePhone } from "./card/same-phone.ts";
export { keyUuid } from "./plan/key.ts";
export { createWrapup } from "./wrapup.ts";
export type { TenantView, Wrapup } from "./wrapup.ts";
export type { ConnectionOptions, ConnectionsOptions, WrapupOptions } from "./options/options.ts";
export { silentLogger } from "./telemetry.ts";
export type { EventListener } from "./telemetry.ts";
export type { LogAttributes, Logger, WrapupEvent } from "./model/observer.ts";
export { memoryStore } from "./store/memory/index.ts";
export { defaultLifecycleSettings } from "./lifecycle/settings.ts";
export type { CardMatch, CardView } from "./desk/card-view.ts";
export type { CheckFinding } from "./desk/check.ts";
export type { RecordDraft, Saved } from "./desk/draft.ts";
export type { FormField } from "./desk/draft-form.ts";
export type {
  ExplainedConnection,
  ExplainedEntry,
  ExplainedMail,
  Explanation,
} from "./desk/explain.ts";
export type { EmailInput } from "./desk/email-input.ts";
export type { InteractionHandle } from "./desk/interaction-handle.ts";
export type { Interactions, StartInput } from "./desk/interactions.ts";
export type { LegHandle, LegSender, TalkEnd, When, WrapUpEnd } from "./desk/leg-handle.ts";
export type { MailState, MailView } from "./desk/mail-states.ts";
export type { NoteInput } from "./desk/note.ts";
export type { Linkable } from "./desk/linkable.ts";
export type { LinkState, LinkView } from "./desk/link-states.ts";
export type { Opened } from "./desk/open-record.ts";
export type { Parked, ParkedFilter, ParkedWrite } from "./desk/parked.ts";
export type { PreviewedActivity, PreviewView } from "./desk/preview-view.ts";
export type { Find, FoundRecord, Match } from "./desk/search.ts";
