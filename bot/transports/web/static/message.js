// One message as the room shows it.
import { button, el, excerpt, fill, icon, rich, size } from "./dom.js";

export const EMOJI = ["✅", "👀", "📌", "👍", "❤️", "❓"];
const BLOCKS = "p, ul, ol, pre, blockquote, h3, h4, h5, h6, .table";
const NETWORKS = { telegram: "Telegram", matrix: "Matrix", web: "Web" };

function hue(text) {
  let sum = 7;
  for (const char of text) sum = (sum * 31 + char.codePointAt(0)) % 997;
  return sum % 8;
}

function avatar(author) {
  const first = [...(author.name || "?")][0].toUpperCase();
  return el("span", { class: `avatar hue-${hue(author.account ?? author.name)}`, "aria-hidden": "true", text: first });
}

function byline(event, room) {
  const line = el("div", { class: "by" });
  if (event.kind === "system") {
    line.append(el("strong", { class: "machine", text: room.words.machine }));
  } else {
    const { name, agency, network } = event.author;
    line.append(el("strong", { class: "who", dir: "auto", text: name }));
    if (agency) line.append(el("span", { class: "agency", dir: "auto", text: agency }));
    if (event.kind === "relayed") {
      const shown = NETWORKS[network] ?? network;
      line.append(el("span", {
        class: `network ${NETWORKS[network] ? network : "other"}`,
        title: fill(room.words.from, { network: shown }), text: shown,
      }));
    }
  }
  return line;
}

function quote(event, room) {
  if (event.reply_to) {
    const target = room.events.get(event.reply_to);
    const name = target ? room.name_of(target) : "…";
    const text = !target ? "" : target.kind === "deleted" ? room.words.deleted
      : excerpt(target.html) || target.media?.[0]?.name || "";
    const jump = el("button", { type: "button", class: "quote", "aria-label": `${fill(room.words.answered, { name })}: ${text}` },
      el("span", { class: "quote-name", dir: "auto", text: name }),
      el("span", { class: "quote-text", dir: "auto", text }));
    jump.addEventListener("click", () => room.jump(event.reply_to));
    return jump;
  }
  if (event.quote) {
    return el("div", { class: "quote" },
      el("span", { class: "quote-name", dir: "auto", text: event.quote.name }),
      el("span", { class: "quote-text", dir: "auto", text: excerpt(event.quote.html) }));
  }
  return null;
}

function covered(media, words) {
  const made = el("button", { type: "button", class: "cover", text: words.uncover });
  made.addEventListener("click", () => made.replaceWith(file({ ...media, covered: false }, words)));
  return made;
}

function file(media, words) {
  const { kind, mime, name, url } = media;
  if (url && media.covered) return covered(media, words);
  if (!url) {
    return el("div", { class: "file missing" }, icon("file"),
      el("span", { text: fill(words.not_carried, { name }) }),
      media.size ? el("span", { class: "file-size", text: size(media.size) }) : null);
  }
  if (kind === "animation" && mime.startsWith("video/")) {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const video = el("video", {
      src: url, loop: true, playsinline: true, controls: true, autoplay: !still, "aria-label": name,
    });
    video.muted = true;
    return video;
  }
  if (kind === "photo" || kind === "sticker" || kind === "animation") {
    return el("a", { class: kind === "sticker" ? "photo sticker" : "photo", href: url, target: "_blank", rel: "noopener" },
      el("img", { src: url, alt: name, loading: "lazy" }));
  }
  if (kind === "video") {
    return el("video", { src: url, controls: true, preload: "metadata", "aria-label": name });
  }
  if (kind === "audio" || kind === "voice") {
    return el("div", { class: "sound" },
      kind === "audio" ? el("span", { class: "file-name", text: name }) : null,
      el("audio", { src: url, controls: true, preload: "metadata", "aria-label": name }));
  }
  return el("a", { class: "file", href: url, download: name, "aria-label": fill(words.download, { name }) },
    icon("file"),
    el("span", { class: "file-name", dir: "auto", text: name }),
    el("span", { class: "file-size", text: size(media.size) }));
}

function reactions(event, room) {
  if (!event.reactions?.length) return null;
  const row = el("div", { class: "reactions", role: "group", "aria-label": room.words.reactions });
  for (const { emoji, names, mine } of event.reactions) {
    const one = el("button", {
      type: "button", class: "reaction", "aria-pressed": String(mine),
      "aria-label": `${emoji} ${names.join(", ")}`, title: names.join(", "),
    }, el("span", { text: emoji }), el("span", { class: "count", text: String(names.length) }));
    one.addEventListener("click", () => room.react(event, emoji, !mine));
    row.append(one);
  }
  return row;
}

function choices(event, room) {
  if (!event.buttons?.length) return null;
  const row = el("div", { class: "choices" });
  for (const { token, label } of event.buttons) {
    const one = el("button", { type: "button", class: "choice", text: label });
    one.addEventListener("click", () => {
      one.classList.add("pressed");
      room.link.act({ op: "press", id: event.id, token });
    });
    row.append(one);
  }
  return row;
}

function toolbar(event, room) {
  const { words } = room;
  const bar = el("div", { class: "tools", role: "group" });
  const reply = button(words.reply, "reply");
  reply.addEventListener("click", () => room.composer.reply(event));
  const react = button(words.react, "react");
  react.setAttribute("aria-expanded", "false");
  const picker = el("div", { class: "picker", role: "group", "aria-label": words.react, hidden: true });
  for (const emoji of EMOJI) {
    const one = el("button", { type: "button", class: "pick", text: emoji });
    one.addEventListener("click", () => {
      room.focus_on(event.id);
      room.react(event, emoji, !event.reactions?.some((each) => each.emoji === emoji && each.mine));
    });
    picker.append(one);
  }
  react.addEventListener("click", () => {
    picker.hidden = !picker.hidden;
    react.setAttribute("aria-expanded", String(!picker.hidden));
    if (!picker.hidden) picker.firstChild.focus();
  });
  const pin = button(event.pinned ? words.unpin : words.pin, "pin");
  pin.addEventListener("click", () => {
    room.focus_on(event.id);
    room.link.act({ op: "pin", id: event.id, add: !event.pinned });
  });
  bar.append(reply, react);
  if (event.mine && event.kind === "said") {
    const edit = button(words.edit, "edit");
    edit.addEventListener("click", () => room.composer.edit(event));
    const remove = button(words.delete, "delete", "danger");
    let sure = false;
    remove.addEventListener("click", () => {
      if (sure) {
        room.link.act({ op: "delete", id: event.id });
        return;
      }
      sure = true;
      remove.classList.add("sure");
      remove.append(el("span", { text: words.delete_sure }));
      remove.setAttribute("aria-label", words.delete_sure);
    });
    remove.addEventListener("blur", () => {
      sure = false;
      remove.classList.remove("sure");
      remove.querySelector("span")?.remove();
      remove.setAttribute("aria-label", words.delete);
    });
    bar.append(edit, remove);
  }
  bar.append(pin, picker);
  return bar;
}

export function message(event, room) {
  const { words } = room;
  const when = new Date(event.at);
  const time = room.clock.format(when);
  const kinds = ["message", event.kind, event.mine && event.kind !== "system" ? "own" : "theirs"];
  const item = el("article", { class: kinds.join(" "), tabindex: "-1", "data-id": event.id });
  if (event.kind === "deleted") {
    item.append(el("p", { class: "tombstone" }, words.deleted, " ", el("time", { datetime: event.at, text: time })));
    item.setAttribute("aria-label", words.deleted);
    return item;
  }
  item.setAttribute("aria-label", fill(words.said_by, { name: room.name_of(event), time }));
  if (event.kind !== "system") item.append(avatar(event.author));
  const body = el("div", { class: "bubble" });
  if (event.pinned) {
    body.append(el("p", { class: "pinned" }, icon("pin"), el("span", { dir: "auto", text: fill(words.pinned, { name: event.pinned }) })));
  }
  if (event.mark) body.append(el("p", { class: "mark", text: event.mark }));
  body.append(...[quote(event, room)].filter(Boolean));
  if (event.html) {
    const language = event.kind === "system" && room.language !== "both" ? room.tag : null;
    body.append(el("div", { class: "text", dir: "auto", lang: language },
      rich(event.html, { me: room.me.account, mentioned: event.mentioned, reveal: words.reveal })));
  }
  if (event.place?.startsWith("geo:")) {
    body.append(el("a", { class: "place", href: event.place, text: words.map }));
  }
  for (const media of event.media ?? []) body.append(file(media, words));
  body.append(...[choices(event, room)].filter(Boolean));
  const foot = el("span", { class: "foot" });
  if (event.edited) foot.append(el("span", { class: "edited", text: words.edited }));
  foot.append(el("time", { datetime: event.at, title: room.moment.format(when), text: time }));
  if (event.mine) {
    const tick = icon("check");
    tick.removeAttribute("aria-hidden");
    tick.setAttribute("role", "img");
    tick.setAttribute("aria-label", words.sent);
    foot.append(tick);
  }
  const words_only = body.lastElementChild?.matches(".text") ? body.lastElementChild : null;
  (words_only && !words_only.lastElementChild?.matches(BLOCKS) ? words_only : body).append(foot);
  const column = el("div", { class: "column" }, byline(event, room), body);
  column.append(...[reactions(event, room)].filter(Boolean), toolbar(event, room));
  item.append(column);
  return item;
}

export function waiting(item, room) {
  const { words } = room;
  const { action, failed } = item;
  const made = el("article", { class: `message said own waiting${failed ? " failed" : ""}`, "data-cid": action.cid, tabindex: "-1" });
  const body = el("div", { class: "bubble" }, el("div", { class: "text raw", dir: "auto", text: action.text }));
  if (action.files?.length) {
    for (const name of action.names ?? []) {
      body.append(el("div", { class: "file" }, icon("file"), el("span", { class: "file-name", text: name })));
    }
  }
  const state = el("span", { class: "foot" }, el("span", { class: "state", text: failed ? words.failed : words.sending }));
  body.append(state);
  const column = el("div", { class: "column" }, body);
  if (failed) {
    const again = el("button", { type: "button", class: "choice", text: words.again });
    again.addEventListener("click", () => room.send_again(action.cid));
    const discard = el("button", { type: "button", class: "choice", text: words.discard });
    discard.addEventListener("click", () => room.discard(action.cid));
    column.append(el("p", { class: "reason", role: "alert", text: failed }), el("div", { class: "choices" }, again, discard));
  }
  made.append(column);
  return made;
}
