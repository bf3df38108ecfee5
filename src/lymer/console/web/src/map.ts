// A map of the world: clients by country. The table beside it says the same without a script.
import { geoNaturalEarth1, geoPath } from "d3-geo";
import codes from "i18n-iso-countries/codes.json";
import { feature } from "topojson-client";
import type { GeometryCollection, Topology } from "topojson-specification";
import atlas from "world-atlas/countries-110m.json";

interface Count {
  country: string;
  clients: number;
}

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 960;
const HEIGHT = 470;

const numbers = new Map((codes as string[][]).map(([alpha2, , number]) => [alpha2, number]));

function draw(place: HTMLElement): void {
  const counts = JSON.parse(place.dataset["map"] ?? "[]") as Count[];
  const byNumber = new Map(counts.map((one) => [numbers.get(one.country), one]));
  const most = Math.max(1, ...counts.map((one) => one.clients));
  const world = atlas as unknown as Topology<{ countries: GeometryCollection<{ name: string }> }>;
  const countries = feature(world, world.objects.countries);
  const path = geoPath(geoNaturalEarth1().fitSize([WIDTH, HEIGHT], countries));
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  for (const country of countries.features) {
    const shape = document.createElementNS(SVG, "path");
    shape.setAttribute("d", path(country) ?? "");
    const found = byNumber.get(String(country.id ?? ""));
    // By logarithm: a few countries hold most clients.
    const heat = found ? Math.max(1, Math.ceil((5 * Math.log1p(found.clients)) / Math.log1p(most))) : 0;
    shape.setAttribute("class", heat ? `land h${heat}` : "land");
    const title = document.createElementNS(SVG, "title");
    title.textContent = found
      ? `${country.properties.name}: ${found.clients.toLocaleString("en")} clients`
      : country.properties.name;
    shape.append(title);
    svg.append(shape);
  }
  place.replaceChildren(svg);
}

for (const place of document.querySelectorAll<HTMLElement>("[data-map]")) draw(place);
