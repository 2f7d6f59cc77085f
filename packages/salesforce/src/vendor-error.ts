/** One error as Salesforce gives it: `errorCode` at the top level, `statusCode` inside collections (facts §1.7). */
export type VendorError = {
  readonly code: string;
  readonly message: string;
  readonly fields: readonly string[];
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** What a sign-in may answer: RFC 6749's own, and Salesforce's. */
const oauthCodes = new Set([
  "invalid_request",
  "invalid_client",
  "invalid_grant",
  "unauthorized_client",
  "unsupported_grant_type",
  "invalid_scope",
  "access_denied",
  "server_error",
  "temporarily_unavailable",
  "invalid_client_id",
  "invalid_client_credentials",
  "invalid_assertion_type",
  "app_not_found",
  "inactive_user",
  "inactive_org",
  "rate_limit_exceeded",
  "unknown_error",
]);

/** Whether it is one of the codes of a refused sign-in; anything else in its place is not shown (O3). */
export const isOauthCode = (code: string): boolean => oauthCodes.has(code);

const isCode = (code: string): boolean => /^[A-Z][A-Z0-9_]{0,79}$/.test(code) || isOauthCode(code);

/** The names of fields among what an error lists; customer text in their place is left out (O3). */
const fieldNames = (names: readonly unknown[]): readonly string[] =>
  names
    .filter((name) => typeof name === "string")
    .filter((name) => /^[A-Za-z][\w.]{0,79}$/.test(name))
    .slice(0, 20);

const oneError = (value: unknown): VendorError | undefined => {
  if (!isObject(value)) return undefined;
  const code = textOf(value["errorCode"]) || textOf(value["statusCode"]) || textOf(value["error"]);
  if (code === "") return undefined;
  const listed = fieldNames(listIn(value["fields"]));
  const fields =
    listed.length > 0 ? listed : fieldNames([value["field"] ?? "", value["fieldName"]]).slice(0, 1);
  // Where even the code is none, whoever answers is not Salesforce: its text is not kept either.
  if (!isCode(code)) return { code: "UNKNOWN", message: "", fields };
  return { code, message: textOf(value["message"]) || textOf(value["error_description"]), fields };
};

/** The UI API names an error twice, with its field and without. */
const eachOnce = (errors: readonly VendorError[]): readonly VendorError[] =>
  errors.filter(
    (one) =>
      one.fields.length > 0 ||
      !errors.some(
        (other) =>
          other.fields.length > 0 && other.code === one.code && other.message === one.message,
      ),
  );

/** Every error in a body: a list, one object, or the UI API's `output` (UIAPI errors). Empty when it holds none. */
export const errorsIn = (body: unknown): readonly VendorError[] => {
  if (Array.isArray(body)) return listIn(body).flatMap((one) => oneError(one) ?? []);
  if (!isObject(body)) return [];
  const output = body["output"];
  if (isObject(output)) {
    const fieldErrors = isObject(output["fieldErrors"])
      ? Object.values(output["fieldErrors"]).flat()
      : [];
    const found = [...listIn(output["errors"]), ...fieldErrors].flatMap(
      (one) => oneError(one) ?? [],
    );
    if (found.length > 0) return eachOnce(found);
  }
  const one = oneError(body);
  return one === undefined ? [] : [one];
};
