import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { exportJWK, generateKeyPair, SignJWT } from "jose";

/** Longer than any run takes. */
const secondsToLive = 86_400;

/** Who signs tokens that a gateway takes in place of keys. */
export interface Issuer {
  /** One entry of the gateway's `auth.jwt`. */
  readonly settings: object;
  /** Of a developer, to be sent as a bearer token. */
  readonly token: string;
}

/** Makes an issuer with a key of its own (ES256), whose public half it leaves in a file of the folder. */
export const makeIssuer = async (folder: string): Promise<Issuer> => {
  const [issuer, audience, kid] = ["https://login.bench.example/", "bench", "bench"];
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const jwksFile = join(folder, "issuer-keys.json");
  writeFileSync(jwksFile, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid }] }));
  const now = Math.floor(Date.now() / 1_000);
  const claims = { iss: issuer, aud: audience, sub: "bench", role: "developer", iat: now, exp: now + secondsToLive };
  return {
    settings: { issuer, audience, jwksFile, claims: { role: "role" } },
    token: await new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid }).sign(privateKey),
  };
};
