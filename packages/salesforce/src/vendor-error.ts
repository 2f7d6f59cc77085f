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

const oneError = (value: unknown): VendorError | undefined => {
  if (!isObject(value)) return undefined;
  const code = textOf(value["errorCode"]) || textOf(value["statusCode"]) || textOf(value["error"]);
  if (code === "") return undefined;
  const listed = Array.isArray(value["fields"])
    ? value["fields"].filter((name): name is string => typeof name === "string")
    : [];
  const field = textOf(value["field"]) || textOf(value["fieldName"]);
  return {
    code,
    message: textOf(value["message"]) || textOf(value["error_description"]),
    fields: listed.length > 0 || field === "" ? listed : [field],
  };
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
