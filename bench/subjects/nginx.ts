import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../test/support/free-port.ts";
import { pinned } from "../system/machine.ts";
import { plainDestination, type Subject, type UpstreamAddress } from "./subject.ts";
import { waitForPort } from "./wait-for-port.ts";

export const hasNginx = (): boolean => Bun.which("nginx") !== null;

const configuration = (folder: string, port: number, upstream: UpstreamAddress): string => {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `
daemon off; worker_processes 1; worker_rlimit_nofile 20000;
pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events { worker_connections 19000; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join(" ")}
  keepalive_requests 1000000000; keepalive_timeout 600s; client_body_buffer_size 1m; client_max_body_size 64m;
  upstream mock { server 127.0.0.1:${upstream.port}; keepalive 1024; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass ${upstream.trust === undefined ? "http" : "https"}://mock;
      proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; proxy_read_timeout 600s;
      ${upstream.trust === undefined ? "" : `proxy_ssl_verify on; proxy_ssl_name localhost; proxy_ssl_trusted_certificate ${upstream.trust};`}
    }
  }
}
`;
};

/** nginx as a plain relay: no parsing of what passes, no log, connections kept on both sides. */
export const startNginx = async (upstream: UpstreamAddress): Promise<Subject> => {
  const folder = mkdtempSync(join(tmpdir(), "intellirouter-nginx-"));
  const port = await freePort();
  const file = join(folder, "nginx.conf");
  writeFileSync(file, configuration(folder, port, upstream));
  const child = Bun.spawn(
    [...pinned("subject", ["nginx", "-p", folder, "-e", join(folder, "error.log"), "-c", file])],
    {
      stdin: "ignore",
      stdout: "inherit",
      stderr: "inherit",
    },
  );
  await waitForPort(port);
  return {
    name: "nginx",
    destination: plainDestination(port),
    pids: [child.pid],
    async stop() {
      child.kill("SIGTERM");
      await child.exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
