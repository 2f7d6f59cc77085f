/** An emulated Dynamics 365 organisation for tests, examples and offline development. It is not Dynamics, and says so. */
export { emulatorControl } from "./control/remote.ts";
export type { CustomColumn, CustomTable, DuplicateRule, PlugIn } from "./customization.ts";
export { demoOrg, demoUsers } from "./demo-org.ts";
export type {
  CallRecord,
  DynamicsEmulator,
  EmulatorControl,
  EmulatorCredentials,
  EmulatorOptions,
  Fault,
  FaultKind,
  SeedRow,
  SeedUser,
  StoredMail,
  StoredRow,
} from "./options.ts";
export type { ColumnDefinition, ColumnKind } from "./schema/definition.ts";
export { startDynamicsEmulator } from "./start.ts";
