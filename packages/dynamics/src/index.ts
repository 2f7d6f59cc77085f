export { dynamics } from "./adapter.ts";
export { graphMail } from "./graph/index.ts";
export type { GraphMailOptions } from "./graph/index.ts";
export type { DynamicsOptions, SignIn } from "./options.ts";
export { setup } from "./setup.ts";
export type { Setup, TablePrivileges } from "./setup.ts";
