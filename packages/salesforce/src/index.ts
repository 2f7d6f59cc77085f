export { salesforce } from "./adapter.ts";
export type { SalesforceOptions, SignIn } from "./options.ts";
export { setup } from "./setup.ts";
export type { MetadataFile, Setup } from "./setup.ts";
