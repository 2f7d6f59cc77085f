/** An emulated Salesforce org for tests, examples and offline development. It is not Salesforce, and says so. */
export { emulatorControl } from "./control/remote.ts";
export { demoOrg } from "./demo-org.ts";
export type {
  CallRecord,
  CustomField,
  DuplicateRule,
  EmulatorControl,
  EmulatorCredentials,
  EmulatorOptions,
  Fault,
  FaultKind,
  SalesforceEmulator,
  SeedRow,
  StoredRecord,
  ValidationRule,
} from "./options.ts";
export type { FieldDefinition, FieldType } from "./schema/definition.ts";
export { startSalesforceEmulator } from "./start.ts";
