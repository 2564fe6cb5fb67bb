import { z } from "zod";
import type { CliContext } from "../../context.ts";
import { request } from "../../request.ts";
import type { Check, Finding } from "./check.ts";

const makeOne = "Make one with: openssl rand -base64 32";

/** The gateway's own secrets in the environment: none is refused, and none stands in examples. */
const checkVariables: Check = async ({ context: { roles, localOptions } }) =>
  (await roles.inspectVariables(localOptions)).map(({ name, refusal, weakness }): Finding => {
    if (refusal !== null)
      return {
        check: "secrets",
        status: "fail",
        detail: refusal,
        advice: `The gateway does not start like this. Set ${name} anew, or unset it.`,
      };
    if (weakness !== null)
      return { check: "secrets", status: "fail", detail: `${name} ${weakness}`, advice: `${makeOne}, and set it.` };
    return { check: "secrets", status: "ok", detail: `${name} is set` };
  });

/** Secrets of the configuration stand elsewhere, and are none that everybody knows. */
const checkConfigured: Check = async ({ configuration }) =>
  (configuration?.secrets ?? []).flatMap(({ path, source, file, isLiteral, weakness }): Finding[] => [
    ...(weakness === null
      ? []
      : [
          {
            check: "secrets",
            status: "warn" as const,
            detail: `${path} ${weakness} (${source})`,
            advice: "Put the key there that the provider gave you.",
          },
        ]),
    ...(isLiteral && file !== null
      ? [
          {
            check: "secrets",
            status: "warn" as const,
            detail: `${path} stands as text in the configuration (${source})`,
            advice: "Write env:NAME or file:PATH there, and replace the secret where the file was copied or committed.",
          },
        ]
      : []),
  ]);

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i;
const keyList = z.looseObject({ data: z.array(z.looseObject({ state: z.string().optional() })) });

/** A data folder without a database is not opened for this: that would make one. */
const hasStoredKeys = async ({ roles, localOptions, withClient }: CliContext): Promise<boolean> => {
  if ((await roles.inspectStorage(localOptions)).database === null) return false;
  const { data } = await withClient((client) => request(client, { path: "/admin/v1/keys", schema: keyList }));
  return data.length > 0;
};

/** Nobody comes in from elsewhere without a key, or in clear text. */
const checkExposure: Check = async ({ context, configuration }) => {
  if (configuration === undefined) return [];
  const { host } = configuration;
  const hasKeys =
    (context.system.environment["INTELLIROUTER_ADMIN_KEY"] ?? "") !== "" || (await hasStoredKeys(context));
  const makeKey = "Make a key: intellirouter keys create NAME --role admin";
  if (loopback.test(host))
    return hasKeys
      ? [{ check: "access", status: "ok", detail: `${host}, this machine only; a key is needed` }]
      : [
          {
            check: "access",
            status: "warn",
            detail: `no key was ever made: every program on this machine may call models and administer`,
            advice: makeKey,
          },
        ];
  const clear: Finding = {
    check: "access",
    status: "warn",
    detail: `${host} is reached by other machines, and the gateway speaks HTTP without TLS: keys and prompts go in clear text`,
    advice: "Put a proxy with TLS before it and let only that reach it, or listen on 127.0.0.1.",
  };
  if (hasKeys) return [clear];
  const detail = `${host} is reached by other machines, and no key keeps them out: the gateway does not start like this`;
  return [{ check: "access", status: "fail", detail, advice: `${makeKey}; or listen on 127.0.0.1.` }, clear];
};

export const secretChecks: readonly Check[] = [checkVariables, checkConfigured, checkExposure];
