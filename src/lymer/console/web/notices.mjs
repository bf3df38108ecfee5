// The licences of what is bundled, beside the bundle: ISC and MIT ask for that.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const bundled = ["d3-array", "d3-geo", "htmx.org", "i18n-iso-countries", "internmap", "topojson-client", "world-atlas"];
const notices = bundled.map((name) => {
  const home = `node_modules/${name}`;
  const { version } = JSON.parse(readFileSync(`${home}/package.json`, "utf8"));
  const file = readdirSync(home).find((entry) => /^licen[cs]e/i.test(entry));
  if (file === undefined) throw new Error(`${name} has no licence file`);
  return `${name} ${version}\n\n${readFileSync(`${home}/${file}`, "utf8").trim()}\n`;
});
writeFileSync("../static/built/NOTICES.txt", notices.join(`\n${"-".repeat(72)}\n\n`));
