export { createGraphClient } from "./client.ts";
export { createEntraDirectory } from "./directory.ts";
export type { EntraDirectory } from "./directory.ts";
export { graphMail } from "./mail.ts";
export type { GraphMailOptions } from "./options.ts";
