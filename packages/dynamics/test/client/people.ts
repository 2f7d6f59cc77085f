import type { EmulatorControl } from "@wrapup/dynamics/emulator";

/** Somebody who is not the application user: agents, and who edits in a test's name. Answers the systemuserid. */
export const seedUser = async (control: EmulatorControl, name = "Pia Person"): Promise<string> => {
  const [firstname = "", lastname = ""] = name.split(" ");
  const email = `${name.replaceAll(" ", ".").toLowerCase()}@wrapup.example`;
  const [id = ""] = await control.seed([
    {
      table: "systemuser",
      columns: {
        firstname,
        lastname,
        domainname: email,
        internalemailaddress: email,
        isdisabled: false,
      },
    },
  ]);
  return id;
};
