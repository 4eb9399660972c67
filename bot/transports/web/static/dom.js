// Making elements; turning neutral HTML into them without ever trusting it.

export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key === "text") made.textContent = value;
    else made.setAttribute(key, value === true ? "" : String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  reply: "M9 6 3.5 11.5 9 17M4 11.5h9a7 7 0 0 1 7 7",
  react: "M12 21a9 9 0 1 1 0-18 9 9 0 0 1 0 18zM8.5 14.5a4.4 4.4 0 0 0 7 0M9 9.6v.1M15 9.6v.1",
  place: "M12 21s7-6.1 7-11.2A7 7 0 0 0 5 9.8C5 14.9 12 21 12 21zM12 12.3a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  pin: "M9 3h6l-1 6 4 4v2H6v-2l4-4zM12 15v6",
  edit: "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
  delete: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
  attach: "M20 11.5 12 19.5a5 5 0 0 1-7-7l8.5-8.5a3.4 3.4 0 0 1 4.8 4.8L10 17a1.7 1.7 0 0 1-2.4-2.4l7.4-7.3",
  send: "M4 12 20 4l-5 16-3.5-6.5z M11.5 13.5 20 4",
  close: "M6 6l12 12M18 6 6 18",
  down: "M12 5v14M6 13l6 6 6-6",
  file: "M7 3h7l5 5v13H7zM14 3v5h5",
  check: "M5 12.5 10 17 19 7",
};

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

export function button(label, name, kind = "") {
  const made = el("button", { type: "button", class: `tool ${kind}`, "aria-label": label, title: label });
  made.append(icon(name));
  return made;
}

const KEPT = new Set(
  "B I U S CODE PRE BLOCKQUOTE BR P UL OL LI H3 H4 H5 H6 TABLE THEAD TBODY TR TH TD".split(" "),
);
const NUMBERED = { OL: "start", LI: "value" };
const LINKS = new Set(["http:", "https:", "mailto:", "tel:"]);

function anchor(node, context) {
  const account = node.getAttribute("data-account");
  if (account) {
    const here = context.mentioned?.[account];
    const mine = account === context.me || here?.account === context.me;
    return el("span", { class: mine ? "mention mine" : "mention" }, node.textContent.startsWith("@") ? "" : "@");
  }
  try {
    const url = new URL(node.getAttribute("href") ?? "");
    if (LINKS.has(url.protocol)) {
      return el("a", { href: url.href, target: "_blank", rel: "noopener noreferrer nofollow" });
    }
  } catch {
    // Not an address: its text is enough.
  }
  return el("span");
}

function spoiler(label) {
  const inner = el("span", { class: "spoiler-text", "aria-hidden": "true", inert: true });
  const cover = el("span", {
    class: "spoiler", role: "button", tabindex: "0", "aria-label": label, "aria-expanded": "false",
  }, inner);
  const reveal = (event) => {
    if (cover.classList.contains("open")) return;
    event.preventDefault();
    event.stopPropagation();
    cover.classList.add("open");
    for (const name of ["role", "aria-label", "aria-expanded"]) cover.removeAttribute(name);
    cover.tabIndex = -1;
    inner.removeAttribute("aria-hidden");
    inner.removeAttribute("inert");
  };
  cover.addEventListener("click", reveal);
  cover.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") reveal(event);
  });
  return [cover, inner];
}

function convert(node, context, depth) {
  if (node.nodeType === Node.TEXT_NODE) return [document.createTextNode(node.data)];
  if (node.nodeType !== Node.ELEMENT_NODE || depth > 60) return [];
  const inner = [...node.childNodes].flatMap((child) => convert(child, context, depth + 1));
  if (node.tagName === "A") {
    const made = anchor(node, context);
    made.append(...inner);
    return [made];
  }
  if (node.tagName === "SPAN" && node.hasAttribute("data-mx-spoiler")) {
    const [cover, inside] = spoiler(context.reveal);
    inside.append(...inner);
    return [cover];
  }
  if (!KEPT.has(node.tagName)) return inner;
  const made = document.createElement(node.tagName);
  const number = NUMBERED[node.tagName];
  if (number && /^-?\d{1,9}$/.test(node.getAttribute(number) ?? "")) {
    made.setAttribute(number, node.getAttribute(number));
  }
  made.append(...inner);
  if (node.tagName === "TABLE") return [el("div", { class: "table", tabindex: "0" }, made)];
  return [made];
}

export function rich(html, context) {
  const parsed = new DOMParser().parseFromString(`<body>${html}`, "text/html");
  const made = document.createDocumentFragment();
  made.append(...[...parsed.body.childNodes].flatMap((node) => convert(node, context, 0)));
  return made;
}

export function excerpt(html) {
  const parsed = new DOMParser().parseFromString(`<body>${html}`, "text/html");
  for (const hidden of parsed.querySelectorAll("[data-mx-spoiler]")) hidden.textContent = "▒▒▒";
  for (const end of parsed.querySelectorAll("br,p,li")) end.append(" ");
  const text = parsed.body.textContent.replace(/\s+/g, " ").trim();
  const shown = [...text].slice(0, 90);
  return shown.length < [...text].length ? `${shown.join("")}…` : text;
}

export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

export function size(bytes) {
  if (!Number.isFinite(bytes)) return "";
  const units = ["B", "KB", "MB", "GB"];
  let at = 0;
  while (bytes >= 1024 && at < 3) {
    bytes /= 1024;
    at += 1;
  }
  return `${at && bytes < 10 ? bytes.toFixed(1) : Math.round(bytes)} ${units[at]}`;
}
