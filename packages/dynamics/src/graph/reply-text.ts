import { CrmError } from "@wrapup/core";

/** Far above any answer that is asked for here. */
const mostBytes = 8 * 1024 * 1024;

/** The body of a reply as text; what is larger than any can be is not read to its end. Throws `CrmError`. */
export const textOf = async ({ body }: Response): Promise<string> => {
  const decoder = new TextDecoder();
  let [text, size] = ["", 0];
  const pieces: AsyncIterable<Uint8Array> | readonly Uint8Array[] = body ?? [];
  for await (const piece of pieces) {
    size += piece.byteLength;
    if (size > mostBytes)
      throw new CrmError(
        "transient",
        "maybe",
        "Microsoft Graph's answer is larger than any can be",
      );
    text += decoder.decode(piece, { stream: true });
  }
  return text + decoder.decode();
};
