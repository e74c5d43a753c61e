// Bundles the unmodified packages @mlc-ai/web-llm, uplot and @thaunknown/simple-peer as classic scripts with the global
// names `webllm`, `charts` and `simplePeer`:
//   node bundle.mjs OUT
// writes web-llm.js, charts.js, charts.css, peers.js and their licences (*.LICENSE.txt) to OUT. Installs the locked
// packages first when they are missing or older than the lock file; does nothing when the result in OUT already belongs
// to the present inputs.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

function fail(message) {
  console.error("bundle.mjs: " + message);
  process.exit(1);
}

const out = process.argv[2] ? resolve(process.argv[2]) : fail("usage: node bundle.mjs OUT");
const lock = readFileSync(join(here, "package-lock.json"));
const lockHash = createHash("sha256").update(lock).digest("hex");
const inputs = createHash("sha256").update(lock).update(readFileSync(fileURLToPath(import.meta.url))).digest("hex");
const stamp = join(out, ".inputs");
const script = join(out, "web-llm.js");
const licences = join(out, "web-llm.LICENSE.txt");
const charts = join(out, "charts");
const peers = join(out, "peers");
const results = [script, licences, charts + ".js", charts + ".css", charts + ".LICENSE.txt", peers + ".js",
  peers + ".LICENSE.txt"];

if (existsSync(stamp) && results.every((file) => existsSync(file)) && readFileSync(stamp, "utf8") === inputs) {
  process.exit(0);
}

const modules = join(here, "node_modules");
const installed = join(modules, ".installed-lock");
if (!existsSync(installed) || readFileSync(installed, "utf8") !== lockHash) {
  // No package needs an install script: esbuild finds its binary among its optional packages.
  const npm = spawnSync("npm ci --ignore-scripts --no-audit --no-fund --loglevel=error", {
    cwd: here, stdio: ["ignore", "inherit", "inherit"], shell: true,
  });
  if (npm.status !== 0) {
    fail("`npm ci` failed in " + here + ": it needs npm on the PATH and a reachable npm registry");
  }
  writeFileSync(installed, lockHash);
}

const esbuild = await import(pathToFileURL(join(modules, "esbuild", "lib", "main.js")).href);
const webllm = join(modules, "@mlc-ai", "web-llm");
const about = JSON.parse(readFileSync(join(webllm, "package.json"), "utf8"));
const loglevel = JSON.parse(readFileSync(join(modules, "loglevel", "package.json"), "utf8"));

mkdirSync(out, { recursive: true });
rmSync(stamp, { force: true });
const result = await esbuild.build({
  entryPoints: [join(webllm, "lib", "index.js")],
  bundle: true,
  format: "iife",
  globalName: "webllm",
  platform: "browser",
  target: "es2022",
  minify: true,
  legalComments: "eof",
  banner: {
    js: `/*! ${about.name} ${about.version} (${about.license}), unmodified, with ${loglevel.name} ${loglevel.version} `
      + `(${loglevel.license}); licences: web-llm.LICENSE.txt */`,
  },
  write: false,
  logLevel: "error",
});

const uplot = join(modules, "uplot");
const plotter = JSON.parse(readFileSync(join(uplot, "package.json"), "utf8"));
const chartScript = await esbuild.build({
  stdin: { contents: 'export { default as Chart } from "uplot";', resolveDir: here },
  bundle: true,
  format: "iife",
  globalName: "charts",
  platform: "browser",
  target: "es2022",
  minify: true,
  legalComments: "eof",
  banner: { js: `/*! ${plotter.name} ${plotter.version} (${plotter.license}), unmodified; licence: charts.LICENSE.txt */` },
  write: false,
  logLevel: "error",
});

function writeAside(path, content) {
  writeFileSync(path + ".part", content);
  renameSync(path + ".part", path);
}

const licenceText = (name, path) => `${name}\n${"=".repeat(name.length)}\n\n${readFileSync(path, "utf8").trim()}\n`;
writeAside(script, result.outputFiles[0].contents);
writeAside(licences, [
  licenceText(`${about.name} ${about.version}`, join(webllm, "LICENSE")),
  licenceText(`${loglevel.name} ${loglevel.version}`, join(modules, "loglevel", "LICENSE-MIT")),
].join("\n\n"));
writeAside(charts + ".js", chartScript.outputFiles[0].contents);
writeAside(charts + ".css", readFileSync(join(uplot, "dist", "uPlot.min.css")));
writeAside(charts + ".LICENSE.txt", licenceText(`${plotter.name} ${plotter.version}`, join(uplot, "LICENSE")));

// The data channels: the part of simple-peer without media. In a browser its polyfill is the browser's own WebRTC.
const describe = (name) => JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8"));
const simplePeer = describe("@thaunknown/simple-peer");
const bundled = await esbuild.build({
  stdin: { contents: 'export { default as Peer } from "@thaunknown/simple-peer/lite.js";', resolveDir: here },
  bundle: true,
  format: "iife",
  globalName: "simplePeer",
  platform: "browser",
  target: "es2022",
  minify: true,
  legalComments: "eof",
  metafile: true,
  banner: {
    js: `/*! ${simplePeer.name} ${simplePeer.version} (${simplePeer.license}), unmodified, with what it needs; licences: `
      + "peers.LICENSE.txt */",
  },
  write: false,
  logLevel: "error",
});
const names = new Set(Object.keys(bundled.metafile.inputs)
  .map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\/[^]*$/.exec(path)?.[1]).filter(Boolean));
writeAside(peers + ".js", bundled.outputFiles[0].contents);
writeAside(peers + ".LICENSE.txt", [...names].sort().map((name) => {
  const file = readdirSync(join(modules, name)).find((entry) => /^licen[sc]e/i.test(entry));
  const title = `${name} ${describe(name).version} (${describe(name).license})`;
  return file ? licenceText(title, join(modules, name, file)) : `${title}\n`;
}).join("\n\n"));
writeAside(stamp, inputs);
