/** A file of a Salesforce DX project. */
export type MetadataFile = { readonly path: string; readonly content: string };

/** What an org needs, ready to deploy with `sf project deploy start`, and the same in words for people. */
export type Setup = { readonly files: readonly MetadataFile[]; readonly steps: readonly string[] };

const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
const namespace = 'xmlns="http://soap.sforce.com/2006/04/metadata"';

const textField = (
  name: string,
  label: string,
  help: string,
  unique: boolean,
): string => `${head}<CustomField ${namespace}>
    <fullName>${name}</fullName>
    <description>${help}</description>
    <externalId>true</externalId>
    <label>${label}</label>
    <length>255</length>
    <required>false</required>
    <type>Text</type>
    <unique>${unique}</unique>${unique ? "\n    <caseSensitive>true</caseSensitive>" : ""}
</CustomField>
`;

const permissionSet = (fields: readonly string[]): string => `${head}<PermissionSet ${namespace}>
    <label>Wrapup integration</label>
    <hasActivationRequired>false</hasActivationRequired>
${fields
  .map(
    (field) => `    <fieldPermissions>
        <editable>true</editable>
        <field>Task.${field}</field>
        <readable>true</readable>
    </fieldPermissions>
`,
  )
  .join("")}    <userPermissions>
        <enabled>true</enabled>
        <name>ApiEnabled</name>
    </userPermissions>
    <userPermissions>
        <enabled>true</enabled>
        <name>EditTask</name>
    </userPermissions>
</PermissionSet>
`;

const manifest = (fields: readonly string[]): string => `${head}<Package ${namespace}>
    <types>
${fields.map((field) => `        <members>Activity.${field}</members>\n`).join("")}        <name>CustomField</name>
    </types>
    <types>
        <members>Wrapup_Integration</members>
        <name>PermissionSet</name>
    </types>
    <version>66.0</version>
</Package>
`;

const file = (field: string): string =>
  `force-app/main/default/objects/Activity/fields/${field}.field-meta.xml`;

/**
 * What an administrator does once (W2): the key field that makes writing happen once, and optionally a field that joins the
 * activities of one interaction (L4). The names must be those given to `salesforce()`. Throws `RangeError` for a name that is not one
 * of a custom field.
 */
export const setup = (
  names: { readonly keyField?: string; readonly interactionField?: string } = {},
): Setup => {
  const { keyField = "Wrapup_Key__c", interactionField } = names;
  const fields = [keyField, ...(interactionField === undefined ? [] : [interactionField])];
  if (!fields.every((field) => /^[A-Za-z]\w{0,36}__c$/.test(field)))
    throw new RangeError("A custom field's name ends in __c");
  return {
    files: [
      {
        path: file(keyField),
        content: textField(
          keyField,
          "Wrapup Key",
          "Keeps an activity from being written twice. Do not edit.",
          true,
        ),
      },
      ...(interactionField === undefined
        ? []
        : [
            {
              path: file(interactionField),
              content: textField(
                interactionField,
                "Wrapup Interaction",
                "Joins the activities of one interaction.",
                false,
              ),
            },
          ]),
      {
        path: "force-app/main/default/permissionsets/Wrapup_Integration.permissionset-meta.xml",
        content: permissionSet(fields),
      },
      { path: "manifest/package.xml", content: manifest(fields) },
    ],
    steps: [
      `Deploy the files, or make the field by hand: Object Manager, Activity, Text(255), ${keyField}, External ID, Unique, case-sensitive.`,
      "Give the integration user the permission set Wrapup integration, and access to the records that agents link.",
      "Make an External Client App with the client credentials flow (or JWT bearer) and the scope api, and name the integration user as its run-as user.",
      "Let Wrapup check the connection: what is still missing is listed.",
    ],
  };
};
