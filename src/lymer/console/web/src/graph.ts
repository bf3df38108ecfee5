// The graph of people: who, what is claimed of them, and about what. The lists say the same.
import Graph from "graphology";
import layout from "graphology-layout-forceatlas2";

interface Thing {
  id: string;
  kind: string;
  name: string;
  address: string | null;
  role: string | null;
}
interface Claim {
  claim_id: string;
  subject: string;
  relation: string;
  object: string;
  likelihood: string | null;
  confidence: string | null;
}
interface People {
  graph: { nodes: Thing[]; edges: Claim[] };
}

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 1000;
const HEIGHT = 560;
const MARGIN = 70;
const NAME_CHARACTERS = 28;

function make(tag: string, attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

// Characters that turn or hide text are shown as what they are, as on every page.
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029\u3164\uffa0]/gu, (found) =>
    `\\u${(found.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}

function spread(people: People): Map<string, { x: number; y: number }> {
  const graph = new Graph({ multi: true });
  people.graph.nodes.forEach((node, k) => {
    // A circle to begin with, so that the same case is always drawn alike.
    const angle = (2 * Math.PI * k) / people.graph.nodes.length;
    graph.addNode(node.id, { x: Math.cos(angle), y: Math.sin(angle) });
  });
  for (const edge of people.graph.edges) graph.addEdge(edge.subject, edge.object);
  layout.assign(graph, {
    iterations: 400,
    settings: { ...layout.inferSettings(graph), strongGravityMode: true, gravity: 0.08 },
  });
  const xs = graph.mapNodes((_, at) => at["x"] as number);
  const ys = graph.mapNodes((_, at) => at["y"] as number);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const wide = Math.max(...xs) - left || 1;
  const high = Math.max(...ys) - top || 1;
  const places = new Map<string, { x: number; y: number }>();
  graph.forEachNode((id, at) => {
    places.set(id, {
      x: MARGIN + ((WIDTH - 2 * MARGIN) * ((at["x"] as number) - left)) / wide,
      y: MARGIN / 2 + ((HEIGHT - MARGIN) * ((at["y"] as number) - top)) / high,
    });
  });
  return places;
}

function draw(place: HTMLElement, people: People): void {
  const places = spread(people);
  const svg = make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}` });
  for (const edge of people.graph.edges) {
    const [from, to] = [places.get(edge.subject), places.get(edge.object)];
    if (!from || !to) continue;
    const link = make("a", { href: `#${edge.claim_id}` });
    link.append(
      make("line", {
        x1: from.x, y1: from.y, x2: to.x, y2: to.y,
        class: `edge r-${edge.relation.replace(/[^a-z_]/g, "")}`,
      }),
    );
    const title = make("title", {});
    title.textContent = plain(
      [edge.relation.replaceAll("_", " "), edge.likelihood, edge.confidence && `${edge.confidence} confidence`]
        .filter(Boolean).join(", "),
    );
    link.append(title);
    const label = make("text", {
      x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 - 3, class: "relation", "text-anchor": "middle",
    });
    label.textContent = plain(edge.relation.replaceAll("_", " "));
    link.append(label);
    svg.append(link);
  }
  for (const node of people.graph.nodes) {
    const at = places.get(node.id);
    if (!at) continue;
    const group = make("a", node.address ? { href: node.address } : {});
    group.append(
      node.kind === "actor"
        ? make("circle", { cx: at.x, cy: at.y, r: 11, class: `node n-actor ro-${node.role ?? "unknown"}` })
        : make("rect", { x: at.x - 8, y: at.y - 8, width: 16, height: 16, rx: 4, class: `node n-${node.kind}` }),
    );
    const name = make("text", { x: at.x, y: at.y + 25, "text-anchor": "middle" });
    const shown = plain(node.name);
    name.textContent = shown.length > NAME_CHARACTERS ? `${shown.slice(0, NAME_CHARACTERS)}…` : shown;
    const title = make("title", {});
    title.textContent = `${node.kind}: ${shown}${node.role ? `, ${node.role}` : ""}`;
    group.append(title, name);
    svg.append(group);
  }
  place.replaceChildren(svg);
}

for (const place of document.querySelectorAll<HTMLElement>("[data-graph]")) {
  fetch(place.dataset["graph"] ?? "", { headers: { accept: "application/json" } })
    .then((answer) => answer.json() as Promise<People>)
    .then((people) => draw(place, people))
    .catch(() => {
      place.textContent = "The graph could not be drawn; the lists below say the same.";
    });
}
