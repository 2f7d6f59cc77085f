import { constants, createHash, createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { Buffer } from "node:buffer";

type Keys = {
  readonly privateKey: string;
  readonly publicKey: KeyObject;
  readonly thumbprint: Buffer;
};

let made: Keys | undefined;

/** The keys of the emulated app; made once per process, when they are first asked for, because making them is slow. */
function keys(): Keys {
  if (made !== undefined) return made;
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const publicKey = createPublicKey(privateKey);
  // There is no certificate: node cannot make one. The thumbprint is that of the key instead, and as good a name for it.
  const thumbprint = createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest();
  made = { privateKey, publicKey, thumbprint };
  return made;
}

/** What an app signs in with instead of a secret: the PEM key and the SHA-256 thumbprint in hexadecimal. */
export function appCertificate(): {
  readonly thumbprintSha256: string;
  readonly privateKey: string;
} {
  return {
    thumbprintSha256: keys().thumbprint.toString("hex").toUpperCase(),
    privateKey: keys().privateKey,
  };
}

/** True when a JWT header's `x5t#S256` names the emulated app's key. */
export function isAppThumbprint(value: unknown): boolean {
  return value === keys().thumbprint.toString("base64url");
}

/** Checks a PS256 or RS256 signature over the first two parts of a JWT. */
export function isSignedByApp(algorithm: unknown, signedPart: string, signature: string): boolean {
  if (algorithm !== "PS256" && algorithm !== "RS256") return false;
  const padding =
    algorithm === "PS256" ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  const key = { key: keys().publicKey, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };
  return verify("sha256", Buffer.from(signedPart), key, Buffer.from(signature, "base64url"));
}
