// A room: who I am in it, its messages in order, and the state of the connection.
import { Composer } from "./composer.js";
import { button, el } from "./dom.js";
import { Link, random } from "./link.js";
import { message, waiting } from "./message.js";

const NAMES = { zh: "中文", en: "English", both: "中文 · English" };
const TAGS = { zh: "zh-CN", en: "en-GB", both: "zh-CN" };
const TOGETHER = 5 * 60 * 1000;

export class Room extends EventTarget {
  constructor(face) {
    super();
    this.name = face.name;
    this.face = face;
    this.events = new Map();
    this.me = this.recall();
    this.commands = [];
    this.more = false;
    this.unread = 0;
    this.first_unread = null;
    this.speak(face.language, face.words);
    this.link = new Link(face, () => ({ client: this.me.secret, name: this.me.name }));
    this.build();
    this.label();
    this.draw();
    this.link.addEventListener("lost", () => this.state(false));
    this.link.addEventListener("too-long", (event) => {
      this.link.outbox.fail(event.detail, this.words.too_long);
      this.draw_pending();
    });
    this.link.addEventListener("frame", (event) => this.receive(event.detail));
    document.addEventListener("visibilitychange", () => this.seen());
  }

  recall() {
    let kept = {};
    try {
      kept = JSON.parse(localStorage.getItem(`lianzhi.me.${this.name}`)) ?? {};
    } catch {
      kept = {};
    }
    return { secret: kept.secret || random(20), name: kept.name || "", account: "" };
  }

  remember() {
    try {
      localStorage.setItem(`lianzhi.me.${this.name}`, JSON.stringify({ secret: this.me.secret, name: this.me.name }));
    } catch {
      // The name lives as long as the page.
    }
  }

  speak(language, words) {
    this.language = language;
    this.words = words;
    this.tag = TAGS[language] ?? "en-GB";
    this.clock = new Intl.DateTimeFormat(this.tag, { hour: "2-digit", minute: "2-digit", hour12: false });
    this.moment = new Intl.DateTimeFormat(this.tag, { dateStyle: "full", timeStyle: "long" });
    this.day = new Intl.DateTimeFormat(this.tag, { weekday: "long", month: "long", day: "numeric" });
  }

  title() {
    const { title, name, agency } = this.face;
    const shown = title || (NAMES[name] ? NAMES[name] : name);
    return agency ? `${shown} · ${agency}` : shown;
  }

  build() {
    this.heading = el("h2", { id: `room-${random(4)}` });
    this.pill = el("span", { class: "pill" });
    this.status = el("p", { class: "banner", role: "status", hidden: true });
    this.name_label = el("label", { class: "name-label" });
    this.name_field = el("input", { class: "name", maxlength: "40", autocomplete: "name", enterkeyhint: "next", spellcheck: "false", value: this.me.name });
    this.name_text = el("span");
    this.name_label.append(this.name_text, this.name_field);
    this.name_fixed = el("span", { class: "name-fixed", hidden: true });
    const head = el("header", { class: "head" },
      el("div", { class: "head-title" }, this.heading, this.pill), this.name_label, this.name_fixed);
    this.earlier = el("button", { type: "button", class: "earlier", hidden: true });
    this.list = el("div", { class: "list", role: "log", "aria-live": "polite", tabindex: "0" });
    this.pending = el("div", { class: "list pending" });
    this.log = el("div", { class: "log" }, this.earlier, this.list, this.pending);
    this.down = button(this.words.to_latest, "down", "down");
    this.down.hidden = true;
    this.badge = el("span", { class: "badge", hidden: true });
    this.down.append(this.badge);
    this.toast = el("div", { class: "toast", role: "status", "aria-live": "polite", hidden: true });
    this.composer = new Composer(this);
    this.root = el("section", { class: "room", "aria-labelledby": this.heading.id },
      head, this.status, el("div", { class: "middle" }, this.log, this.down, this.toast), this.composer.root);
    this.name_field.addEventListener("input", () => this.rename());
    this.name_field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      this.composer.focus();
    });
    this.earlier.addEventListener("click", () => this.link.ask({ op: "more", before: this.ids()[0] }));
    this.down.addEventListener("click", () => this.bottom(true));
    this.log.addEventListener("scroll", () => this.seen());
    this.list.addEventListener("keydown", (event) => this.walk(event));
    new ResizeObserver(() => {
      if (this.stuck) this.bottom();
    }).observe(this.log);
    this.stuck = true;
  }

  label() {
    const { words } = this;
    this.root.lang = this.tag;
    this.heading.textContent = this.title();
    this.pill.textContent = NAMES[this.language] ?? this.language;
    this.pill.hidden = this.pill.textContent === this.heading.textContent;
    this.name_text.textContent = words.name;
    this.name_field.placeholder = words.name_hint;
    this.list.setAttribute("aria-label", `${words.messages}: ${this.title()}`);
    this.earlier.textContent = words.earlier;
    this.down.setAttribute("aria-label", words.to_latest);
    this.down.title = words.to_latest;
    this.composer.label();
    this.name_tab();
  }

  name_tab() {
    if (!this.tab) return;
    this.tab.textContent = this.title();
    this.tab.lang = this.tag;
    if (this.unread) this.tab.append(el("span", { class: "badge", text: String(this.unread) }));
  }

  connect() {
    this.link.open();
  }

  focus() {
    if (!this.me.name && !this.fixed) this.name_field.focus();
    else this.composer.focus();
  }

  rename() {
    this.me.name = this.name_field.value.trim();
    this.name_field.classList.toggle("wanted", !this.me.name);
    this.remember();
    clearTimeout(this.renaming);
    this.renaming = setTimeout(() => this.link.tell_name(), 300);
  }

  ask_name() {
    this.say(this.words.name_first);
    this.name_field.classList.add("wanted");
    this.name_field.focus();
  }

  state(connected) {
    this.status.textContent = this.link.ended ? this.words.ended : this.words.offline;
    this.status.hidden = connected;
    this.root.classList.toggle("offline", !connected);
  }

  say(text) {
    this.toast.textContent = text;
    this.toast.hidden = false;
    clearTimeout(this.toasting);
    this.toasting = setTimeout(() => { this.toast.hidden = true; }, 6000);
  }

  receive(frame) {
    switch (frame.op) {
      case "welcome":
        this.welcome(frame);
        break;
      case "history":
        this.history(frame);
        break;
      case "event":
        this.event(frame.event);
        break;
      case "ack":
        this.draw_pending();
        break;
      case "refused":
        this.draw_pending();
        // Where the words are still shown, the reason stands below them.
        if (!this.link.outbox.find(frame.cid)?.failed) this.say(frame.text);
        break;
      case "words":
        this.speak(frame.language, frame.words);
        this.label();
        this.draw();
        break;
      case "commands":
        this.commands = frame.commands;
        break;
      case "toast":
        this.say(frame.text);
        break;
      case "ended":
        this.state(false);
        this.composer.close();
        break;
    }
  }

  welcome(frame) {
    Object.assign(this.face, { title: frame.title, agency: frame.agency });
    this.me.account = frame.me.account;
    this.fixed = frame.fixed;
    if (this.fixed) this.me.name = frame.me.name;
    else this.remember();
    this.name_label.hidden = this.fixed;
    this.name_fixed.hidden = !this.fixed;
    this.name_fixed.textContent = frame.me.name;
    this.speak(frame.language, frame.words);
    this.label();
    this.commands = frame.commands;
    const before = this.events.size ? this.ids().at(-1) : 0;
    const place = this.reading();
    const again = this.events.size > 0;
    this.events = new Map(frame.events.map((event) => [event.id, event]));
    this.more = frame.more;
    this.state(true);
    const fresh = again ? frame.events.filter((event) => event.id > before && !event.mine) : [];
    if (fresh.length) this.notice(fresh[0].id, fresh.length);
    this.draw();
    this.return_to(place);
  }

  reading() {
    // The message at the top of what is shown, for who has gone back to read.
    if (this.stuck || this.root.hidden) return null;
    const { top } = this.log.getBoundingClientRect();
    for (const node of this.list.querySelectorAll("article")) {
      const box = node.getBoundingClientRect();
      if (box.bottom > top) return { id: Number(node.dataset.id), offset: box.top - top };
    }
    return null;
  }

  return_to(place) {
    this.sought = null;
    if (!place) return;
    const node = this.node(place.id);
    if (node) {
      const away = node.getBoundingClientRect().top - this.log.getBoundingClientRect().top;
      this.log.scrollTop += away - place.offset;
      this.seen();
    } else if (this.more) {
      this.sought = place;
      this.link.ask({ op: "more", before: this.ids()[0] });
    }
  }

  history(frame) {
    this.more = frame.more;
    for (const event of frame.events) this.events.set(event.id, event);
    const height = this.log.scrollHeight;
    const top = this.log.scrollTop;
    this.draw();
    this.log.scrollTop = top + this.log.scrollHeight - height;
    if (this.sought) this.return_to(this.sought);
  }

  event(event) {
    const known = this.events.has(event.id);
    const oldest = this.ids()[0];
    if (!known && this.more && oldest !== undefined && event.id < oldest) return;
    const same = known && JSON.stringify(this.events.get(event.id)) === JSON.stringify(event);
    this.events.set(event.id, event);
    if (same) return;
    if (event.cid && this.link.outbox.find(event.cid)) this.draw_pending(event.cid);
    if (known) this.replace(event);
    else this.append(event);
  }

  ids() {
    return [...this.events.keys()].sort((a, b) => a - b);
  }

  name_of(event) {
    if (event.kind === "deleted") return "…";
    return event.kind === "system" ? this.words.machine : event.author.name;
  }

  node(id) {
    return this.list.querySelector(`[data-id="${Number(id)}"]`);
  }

  draw() {
    const stuck = this.stuck;
    this.list.setAttribute("aria-busy", "true");
    this.list.replaceChildren();
    const ids = this.ids();
    this.last = null;
    for (const id of ids) this.put(this.events.get(id));
    if (!ids.length) this.list.append(el("p", { class: "empty", text: this.words.empty }));
    this.earlier.hidden = !this.more;
    this.draw_pending();
    this.rove();
    requestAnimationFrame(() => this.list.removeAttribute("aria-busy"));
    if (stuck) this.bottom();
  }

  draw_pending(shown = "") {
    const items = this.link.outbox.items.filter((item) => (item.action.op === "say" || item.failed) && item.action.cid !== shown);
    const known = new Set([...this.events.values()].map((event) => event.cid));
    this.pending.replaceChildren(
      ...items.filter((item) => !known.has(item.action.cid)).map((item) => waiting(item, this)));
    if (this.stuck) this.bottom();
  }

  put(event) {
    const when = new Date(event.at);
    const day = when.toDateString();
    if (this.last?.day !== day) {
      this.list.append(el("div", { class: "day", role: "separator", "aria-label": this.day_name(when) }, el("span", { text: this.day_name(when) })));
    }
    if (this.first_unread === event.id) {
      this.list.append(el("div", { class: "unread", role: "separator", "aria-label": this.words.unread }, el("span", { text: this.words.unread })));
      this.last = null;
    }
    const item = message(event, this);
    const account = event.author?.account;
    if (account && this.last?.account === account && this.last.day === day && when - this.last.when < TOGETHER) {
      item.classList.add("follows");
    }
    this.last = { day, account, when };
    this.list.append(item);
  }

  day_name(when) {
    const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(when).setHours(0, 0, 0, 0)) / 86400000);
    return days === 0 ? this.words.today : days === 1 ? this.words.yesterday : this.day.format(when);
  }

  append(event) {
    const newest = this.ids().at(-1) === event.id;
    if (!newest) {
      this.draw();
      return;
    }
    const away = !this.stuck || document.hidden || this.root.hidden;
    if (away && !event.mine) this.notice(event.id, 1);
    this.list.querySelector(".empty")?.remove();
    this.put(event);
    this.rove();
    if (event.mine || (this.stuck && !document.hidden)) this.bottom();
  }

  replace(event) {
    const old = this.node(event.id);
    if (!old) return;
    const focused = old.contains(document.activeElement);
    const made = message(event, this);
    if (old.classList.contains("follows")) made.classList.add("follows");
    old.replaceWith(made);
    this.rove();
    if (focused) this.focus_on(event.id);
    if (this.stuck) this.bottom();
  }

  notice(id, count) {
    this.first_unread ??= id;
    this.unread += count;
    this.mark();
  }

  mark() {
    this.badge.textContent = String(this.unread);
    this.badge.hidden = !this.unread;
    this.name_tab();
    this.dispatchEvent(new Event("unread"));
  }

  seen() {
    if (this.root.hidden) return;
    const gap = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight;
    this.stuck = gap < 60;
    this.down.hidden = this.stuck;
    if (this.stuck && !document.hidden && this.unread) {
      this.unread = 0;
      this.first_unread = null;
      this.mark();
    }
  }

  bottom(smooth = false) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.log.scrollTo({ top: this.log.scrollHeight, behavior: smooth && !calm ? "smooth" : "instant" });
    this.stuck = true;
    this.seen();
  }

  jump(id) {
    const target = this.node(id);
    if (!target) {
      this.say(this.words.gone);
      return;
    }
    target.scrollIntoView({ block: "center" });
    this.focus_on(id);
    target.classList.remove("flash");
    requestAnimationFrame(() => target.classList.add("flash"));
  }

  focus_on(id) {
    const target = this.node(id);
    if (!target) return;
    this.rove(target);
    target.focus({ preventScroll: true });
  }

  rove(target = null) {
    const items = this.list.querySelectorAll("article");
    for (const item of items) item.tabIndex = -1;
    const chosen = target ?? items[items.length - 1];
    if (chosen) chosen.tabIndex = 0;
    this.list.tabIndex = items.length ? -1 : 0;
  }

  walk(key) {
    const here = key.target.closest("article");
    if (!here) return;
    const on = key.target === here;
    if (key.key === "Escape") {
      if (on) this.composer.focus();
      else here.focus();
      return;
    }
    if (!on || key.ctrlKey || key.metaKey || key.altKey) return;
    const items = [...this.list.querySelectorAll("article")];
    const at = items.indexOf(here);
    const steps = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: items.length - 1 };
    if (key.key in steps) {
      key.preventDefault();
      const next = items[Math.max(0, Math.min(items.length - 1, steps[key.key]))];
      this.rove(next);
      next.focus();
      next.scrollIntoView({ block: "nearest" });
    }
  }

  react(event, emoji, add) {
    if (!this.me.name) this.ask_name();
    else this.link.act({ op: "react", id: event.id, emoji, add });
  }

  send_again(cid) {
    const item = this.link.outbox.find(cid);
    this.link.outbox.settle(cid);
    if (item) this.link.act(item.action);
    this.draw_pending();
  }

  discard(cid) {
    this.link.outbox.settle(cid);
    this.draw_pending();
  }

  people() {
    const found = new Map();
    for (const id of this.ids()) {
      const { author } = this.events.get(id);
      if (author?.account && author.account !== this.me.account) found.set(author.account, author);
    }
    return [...found.values()].reverse();
  }

  own_last() {
    return this.ids().reverse().map((id) => this.events.get(id)).find((event) => event.mine && event.kind === "said");
  }
}
