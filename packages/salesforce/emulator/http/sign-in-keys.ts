import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { Buffer } from "node:buffer";

let privatePem: string | undefined;

/** The private key of the emulated app; made once per process, when it is first asked for, because making it is slow. */
export function privateKeyPem(): string {
  privatePem ??= generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  }).privateKey;
  return privatePem;
}

/** Checks an RS256 signature over the first two parts of a JWT. */
export function isSignedByApp(signedPart: string, signature: string): boolean {
  return verify(
    "RSA-SHA256",
    Buffer.from(signedPart),
    createPublicKey(privateKeyPem()),
    Buffer.from(signature, "base64url"),
  );
}
