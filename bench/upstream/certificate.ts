import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Files in PEM, for `localhost` and 127.0.0.1. */
export interface Certificate {
  readonly key: string;
  readonly certificate: string;
  /** The authority that signed it: what clients are told to trust. */
  readonly authority: string;
  remove(): void;
}

const run = (folder: string, args: readonly string[]): void => {
  const { success, stderr } = Bun.spawnSync(["openssl", ...args], { cwd: folder });
  if (!success) throw new Error(`openssl ${args[0]} failed: ${stderr.toString().trim()}`);
};

const elliptic = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** Makes an authority and a certificate that it signs, both for this run only. Throws where openssl cannot. */
export const makeCertificate = (): Certificate => {
  const folder = mkdtempSync(join(tmpdir(), "intellirouter-certificate-"));
  run(folder, [
    "req",
    "-x509",
    ...elliptic,
    "-keyout",
    "ca.key",
    "-out",
    "ca.pem",
    "-days",
    "2",
    "-subj",
    "/CN=bench CA",
  ]);
  run(folder, ["req", ...elliptic, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost"]);
  writeFileSync(join(folder, "names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names"];
  run(folder, ["x509", "-req", "-in", "server.csr", "-out", "server.pem", ...signed]);
  return {
    key: join(folder, "server.key"),
    certificate: join(folder, "server.pem"),
    authority: join(folder, "ca.pem"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
