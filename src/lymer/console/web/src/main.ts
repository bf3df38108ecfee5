// What makes the pages better with a script: live filters, keys, copy buttons.
import "htmx.org";

document.documentElement.classList.add("has-js");

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest("input, textarea, select") !== null;

const find = <T extends HTMLElement>(selector: string): T | null =>
  document.querySelector<T>(selector);

// Keys: "g c" goes to campaigns, and so on; the menu says which.
let pressedGAt = -Infinity;

function goBy(key: string): void {
  find<HTMLAnchorElement>(`[data-go="${CSS.escape(key)}"]`)?.click();
}

function moveRow(step: number): void {
  const rows = [...document.querySelectorAll<HTMLTableRowElement>("main tbody tr")].filter(
    (row) => row.querySelector("a") !== null,
  );
  if (rows.length === 0) return;
  const now = rows.findIndex((row) => row.classList.contains("current"));
  const next = Math.min(rows.length - 1, Math.max(0, now + step));
  rows[now]?.classList.remove("current");
  const row = rows[next];
  row?.classList.add("current");
  row?.querySelector<HTMLAnchorElement>("a")?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  const typing = isTyping(event.target);
  if (typing && event.key === "Escape") (event.target as HTMLElement).blur();
  if (typing && event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    (event.target as HTMLElement).closest("form")?.requestSubmit();
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.timeStamp - pressedGAt < 1200) {
    pressedGAt = -Infinity;
    goBy(event.key);
    return;
  }
  switch (event.key) {
    case "/":
      event.preventDefault();
      find<HTMLInputElement>("#search")?.select();
      break;
    case "g":
      pressedGAt = event.timeStamp;
      break;
    case "j":
      moveRow(1);
      break;
    case "k":
      moveRow(-1);
      break;
    case "[":
      find<HTMLAnchorElement>('[rel="prev"]')?.click();
      break;
    case "]":
      find<HTMLAnchorElement>('[rel="next"]')?.click();
      break;
    case "?":
      find<HTMLDialogElement>("#help")?.showModal();
      break;
  }
});

document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element)) return;
  if (event.target.closest("[data-help]")) find<HTMLDialogElement>("#help")?.showModal();
  const button = event.target.closest<HTMLButtonElement>("[data-copy]");
  if (button?.dataset["copy"] !== undefined) {
    void navigator.clipboard.writeText(button.dataset["copy"]).then(() => {
      button.classList.add("done");
      button.textContent = "✓";
      setTimeout(() => {
        button.classList.remove("done");
        button.textContent = "⧉";
      }, 1200);
    });
  }
  // What a link on the page leads to may be folded.
  const link = event.target.closest<SVGAElement | HTMLAnchorElement>('a[href^="#"]');
  const target = link?.getAttribute("href")?.slice(1);
  if (target) unfold(document.getElementById(target));
});

function unfold(place: Element | null): void {
  for (let box = place?.closest("details"); box; box = box.parentElement?.closest("details")) {
    box.open = true;
  }
}

// A page that works for seconds says so.
document.addEventListener("submit", (event) => {
  if (event.target instanceof HTMLFormElement) event.target.classList.add("htmx-request");
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form.htmx-request")) {
    form.classList.remove("htmx-request");
  }
});
