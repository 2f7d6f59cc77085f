import type { Problem } from "../problem.ts";
import { problem, Refusal } from "../problem.ts";
import type { Table } from "../schema/schema.ts";

const refusal = (refused: Problem): Refusal => new Refusal(refused);

/** What the OData reader says about a body that does not fit the model (facts §1.3: 0x80048d19). */
export function payloadRefusal(
  table: Table,
  detail: string,
  type = "Microsoft.OData.ODataException",
): Refusal {
  return refusal(
    problem(
      400,
      "0x80048d19",
      `Error identified in Payload provided by the user for Entity :'${table.entitySet}', For more information on this error please follow this help link https://go.microsoft.com/fwlink/?linkid=2195293  ---->  InnerException : ${type}: ${detail}`,
    ),
  );
}

/** [D9 facts §1.3] a column that the table does not have, in the wrapping that users report (verbb/formie #1251). */
export function invalidProperty(table: Table, name: string): Refusal {
  return payloadRefusal(
    table,
    `Invalid property '${name}' was found in entity 'Microsoft.Dynamics.CRM.${table.name}'. ---> Microsoft.OData.ODataException: Does not support untyped value in non-open type.`,
    "Microsoft.Crm.CrmException",
  );
}

/** [D9 facts §1.3] a navigation that the table does not have. */
export function undeclaredProperty(table: Table, name: string): Refusal {
  return payloadRefusal(
    table,
    `An undeclared property '${name}' which only has property annotations in the payload but no property value was found in the payload. In OData, only declared navigation properties and declared named streams can be represented as properties without values.`,
  );
}

/** [D6 facts §1.2] a row that is not there. */
export function doesNotExist(table: string, id: string): Refusal {
  return refusal(problem(404, "0x80040217", `${table} With Id = ${id} Does Not Exist`));
}

/** [D10, S6 facts §1.4] what is completed or cancelled is read-only. */
export function frozen(): Refusal {
  return refusal(problem(400, "0x80040230", "Cannot update Closed or Cancelled Activity"));
}

/** A value or combination that the platform does not take. [U] which code it has where the facts name none. */
export function invalidArgument(message: string, code = "0x80040203"): Refusal {
  return refusal(problem(400, code, message));
}
