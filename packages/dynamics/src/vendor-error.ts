/** One error as Dataverse gives it. `code`: `0x` and eight lower-case hexadecimal digits, or "" for none. */
export type VendorError = {
  readonly code: string;
  readonly message: string;
  readonly status: number;
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Codes are 32-bit and negative when signed: everything else in their place is none. */
const lowest = 0x80000000;
const highest = 0xffffffff;

/**
 * A code in one spelling: Dataverse writes them hexadecimal, and as a signed or unsigned decimal number; "", "0" and "0x0" are none
 * (facts §1.8). Anything else is none either, as it may be a customer's text.
 */
export const codeIn = (given: unknown): string => {
  const text = typeof given === "number" ? String(given) : typeof given === "string" ? given : "";
  const trimmed = text.trim();
  if (!/^(?:0x[0-9a-f]{1,8}|-?\d{1,10})$/i.test(trimmed)) return "";
  const value = Number(trimmed);
  const code = value < 0 ? value + 2 ** 32 : value;
  return code >= lowest && code <= highest ? `0x${code.toString(16).padStart(8, "0")}` : "";
};

const errorOf = (body: unknown): Readonly<Record<string, unknown>> | undefined => {
  if (!isObject(body)) return undefined;
  const { error } = body;
  return isObject(error) && ("code" in error || "message" in error) ? error : undefined;
};

/** Whether a body is one that Dataverse sends with a refusal. */
export const isErrorBody = (body: unknown): boolean => errorOf(body) !== undefined;

/** The error in a body of one request or of one part of a batch; an empty one where it holds none. */
export const errorIn = (status: number, body: unknown): VendorError => {
  const error = errorOf(body);
  const message = error?.["message"];
  return {
    code: codeIn(error?.["code"]),
    message: typeof message === "string" ? message : "",
    status,
  };
};

/** The column that an error is about, where Dataverse names it in one of its own sentences. */
export const columnOf = (error: VendorError): string | undefined =>
  /\bthe '([a-z][a-z0-9_]{0,99})' attribute of the '[a-z][a-z0-9_]{0,99}' entity\b/i.exec(
    error.message.slice(0, 1000),
  )?.[1] ??
  /\bundeclared property '([A-Za-z][\w]{0,99})'/.exec(error.message.slice(0, 1000))?.[1] ??
  /\bInvalid property '([A-Za-z][\w]{0,99})' was found\b/.exec(error.message.slice(0, 1000))?.[1];

/** The privilege that is missing, where Dataverse names it. */
export const privilegeOf = (error: VendorError): string | undefined =>
  /\bmissing (prv[A-Za-z][A-Za-z_0-9]{2,80}) privilege\b/.exec(error.message.slice(0, 1000))?.[1];
