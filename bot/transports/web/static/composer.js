// Writing: text with light marks, replies, edits, files, suggestions. Enter sends, but never
// while an input method is composing.
import { button, el, excerpt, fill, icon } from "./dom.js";
import { place, random } from "./link.js";
import { Sharing } from "./place.js";

const MARKS = { bold: "**", italic: "_", underline: "__", strike: "~~", spoiler: "||", code: "`" };
const GLYPHS = { bold: "B", italic: "I", underline: "U", strike: "S", code: "<>", quote: "❝", spoiler: "▒", link: "↗" };
const KEYS = { b: "bold", i: "italic", u: "underline", e: "code", k: "link" };
const SHOWN = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\u2800]/u;
const MENTIONS = 50;
const SHIFTED = { x: "strike", p: "spoiler", ".": "quote" };

export class Composer {
  constructor(room) {
    this.room = room;
    this.files = [];
    this.mentions = new Map();
    this.target = null;
    this.build();
    this.restore();
  }

  build() {
    const id = random(4);
    this.context = el("div", { class: "context", hidden: true });
    this.chips = el("div", { class: "chips", hidden: true });
    this.formats = el("div", { class: "formats", role: "toolbar", hidden: true, id: `formats-${id}` });
    this.menu = el("ul", { class: "menu", role: "listbox", id: `menu-${id}`, hidden: true });
    this.label_node = el("label", { class: "hidden", for: `text-${id}` });
    this.text = el("textarea", {
      id: `text-${id}`, rows: "1", enterkeyhint: "send", autocomplete: "off",
      "aria-autocomplete": "list", "aria-controls": this.menu.id,
    });
    this.picker = el("input", { type: "file", multiple: true, hidden: true, tabindex: "-1", "aria-hidden": "true" });
    this.attach = button("", "attach");
    this.sharing = new Sharing(this.room);
    this.format = el("button", { type: "button", class: "tool aa", text: "Aa" });
    this.format.setAttribute("aria-expanded", "false");
    this.format.setAttribute("aria-controls", this.formats.id);
    this.submit = el("button", { type: "submit", class: "send" }, icon("send"));
    this.root = el("form", { class: "composer", autocomplete: "off" },
      this.menu, this.context, this.chips, this.formats,
      el("div", { class: "line" }, this.attach, this.sharing.node, this.format, this.label_node, this.text, this.submit, this.picker));
    this.root.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.text.addEventListener("input", () => this.changed());
    this.text.addEventListener("keydown", (event) => this.key(event));
    this.text.addEventListener("blur", () => setTimeout(() => this.suggest([]), 150));
    this.text.addEventListener("paste", (event) => {
      if (event.clipboardData?.files.length) {
        event.preventDefault();
        this.add(event.clipboardData.files);
      }
    });
    this.attach.addEventListener("click", () => this.picker.click());
    this.picker.addEventListener("change", () => {
      this.add(this.picker.files);
      this.picker.value = "";
    });
    this.format.addEventListener("click", () => {
      this.formats.hidden = !this.formats.hidden;
      this.format.setAttribute("aria-expanded", String(!this.formats.hidden));
    });
    for (const kind of Object.keys(GLYPHS)) {
      const one = el("button", { type: "button", class: `tool glyph as-${kind}`, "data-kind": kind, text: GLYPHS[kind] });
      one.addEventListener("click", () => this.wrap(kind));
      this.formats.append(one);
    }
  }

  label() {
    const { words, tag } = this.room;
    this.label_node.textContent = words.write;
    this.text.placeholder = words.write_hint;
    this.text.lang = tag;
    for (const [node, text] of [[this.attach, words.attach], [this.format, words.format], [this.submit, words.send]]) {
      node.setAttribute("aria-label", text);
      node.title = text;
    }
    this.sharing.label();
    this.formats.setAttribute("aria-label", words.format);
    for (const one of this.formats.children) {
      one.setAttribute("aria-label", words[one.dataset.kind]);
      one.title = words[one.dataset.kind];
    }
    if (!this.dropping) this.drops();
    this.room.root.dataset.drop = words.drop;
  }

  drops() {
    this.dropping = true;
    const { root } = this.room;
    root.addEventListener("dragover", (event) => {
      if (![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      root.classList.add("dropping");
    });
    root.addEventListener("dragleave", (event) => {
      if (!root.contains(event.relatedTarget)) root.classList.remove("dropping");
    });
    root.addEventListener("drop", (event) => {
      root.classList.remove("dropping");
      if (!event.dataTransfer.files.length) return;
      event.preventDefault();
      this.add(event.dataTransfer.files);
    });
  }

  get draft() {
    return place("draft", this.room.face);
  }

  restore() {
    try {
      this.text.value = localStorage.getItem(this.draft) ?? "";
    } catch {
      this.text.value = "";
    }
    requestAnimationFrame(() => this.grow());
  }

  changed() {
    this.grow();
    this.keep();
    this.complete();
  }

  keep() {
    if (this.target?.editing) return;
    try {
      if (this.text.value) localStorage.setItem(this.draft, this.text.value);
      else localStorage.removeItem(this.draft);
    } catch {
      // A draft without storage lives as long as the page.
    }
  }

  grow() {
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight + 2, 200)}px`;
  }

  focus() {
    this.text.focus();
  }

  close() {
    for (const node of [this.text, this.attach, this.sharing.node, this.format, this.submit]) node.disabled = true;
  }

  key(event) {
    if (event.isComposing || event.keyCode === 229) return;
    if (this.options?.length && this.pick(event)) return;
    const command = event.ctrlKey || event.metaKey;
    const kind = command && !event.altKey && (event.shiftKey ? SHIFTED : KEYS)[event.key.toLowerCase()];
    if (kind) {
      event.preventDefault();
      this.wrap(kind);
    } else if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.send();
    } else if (event.key === "Escape") {
      this.cancel();
    } else if (event.key === "ArrowUp" && !this.text.value) {
      const last = this.room.own_last();
      if (last) {
        event.preventDefault();
        this.edit(last);
      }
    }
  }

  insert(start, end, text) {
    this.text.focus();
    this.text.setRangeText(text, start, end, "end");
    this.changed();
  }

  wrap(kind) {
    const { selectionStart: start, selectionEnd: end, value } = this.text;
    const chosen = value.slice(start, end);
    if (kind === "quote") {
      const from = value.lastIndexOf("\n", start - 1) + 1;
      this.insert(from, end, value.slice(from, end).split("\n").map((line) => `> ${line}`).join("\n"));
      return;
    }
    if (kind === "link") {
      const address = /^https?:\/\/\S+$/.test(chosen);
      this.insert(start, end, address ? `[](${chosen})` : `[${chosen}](https://)`);
      const at = address ? start + 1 : start + chosen.length + 11;
      this.text.setSelectionRange(at, at);
      return;
    }
    if (kind === "code" && chosen.includes("\n")) {
      this.insert(start, end, `\`\`\`\n${chosen}\n\`\`\``);
      return;
    }
    const mark = MARKS[kind];
    const inner = value.slice(start - mark.length, start) === mark && value.slice(end, end + mark.length) === mark;
    if (inner) {
      this.insert(start - mark.length, end + mark.length, chosen);
      this.text.setSelectionRange(start - mark.length, end - mark.length);
    } else {
      this.insert(start, end, mark + chosen + mark);
      this.text.setSelectionRange(start + mark.length, end + mark.length);
    }
  }

  complete() {
    const before = this.text.value.slice(0, this.text.selectionStart);
    const command = /^[/／!！](\S*)$/.exec(before);
    if (command) {
      const typed = command[1].toLowerCase();
      this.suggest(this.room.commands
        .map(([name, text]) => [name.replace(/^[/!]/, ""), text])
        .filter(([name]) => name.toLowerCase().startsWith(typed))
        .map(([name, text]) => ({ from: 0, insert: `/${name} `, main: `/${name}`, side: text })), this.room.words.commands);
      return;
    }
    const person = /@([^@\s]{0,30})$/.exec(before);
    if (person) {
      const typed = person[1].toLowerCase();
      this.suggest(this.room.people()
        .filter(({ name }) => name.toLowerCase().includes(typed))
        .slice(0, 20)
        .map((author) => ({ from: before.length - person[0].length, insert: `@${author.name} `, main: `@${author.name}`, side: author.agency ?? "", author })), this.room.words.people);
      return;
    }
    this.suggest([]);
  }

  suggest(options, label = "") {
    this.options = options;
    this.chosen = 0;
    this.menu.hidden = !options.length;
    this.menu.setAttribute("aria-label", label);
    this.menu.replaceChildren(...options.map((option, at) => {
      const one = el("li", { role: "option", id: `${this.menu.id}-${at}` },
        el("span", { class: "main", dir: "auto", text: option.main }), el("span", { class: "side", text: option.side }));
      one.addEventListener("mousedown", (event) => event.preventDefault());
      one.addEventListener("click", () => this.accept(option));
      return one;
    }));
    this.highlight();
  }

  highlight() {
    [...this.menu.children].forEach((one, at) => {
      one.setAttribute("aria-selected", String(at === this.chosen));
      if (at === this.chosen) one.scrollIntoView({ block: "nearest" });
    });
    if (this.options.length) this.text.setAttribute("aria-activedescendant", `${this.menu.id}-${this.chosen}`);
    else this.text.removeAttribute("aria-activedescendant");
  }

  pick(event) {
    const count = this.options.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      this.chosen = (this.chosen + (event.key === "ArrowDown" ? 1 : count - 1)) % count;
      this.highlight();
    } else if (event.key === "Tab" && !event.shiftKey) {
      this.accept(this.options[this.chosen]);
    } else if (event.key === "Enter" && !event.shiftKey) {
      const option = this.options[this.chosen];
      if (option.main === this.text.value.trim()) return false;
      this.accept(option);
    } else if (event.key === "Escape") {
      this.suggest([]);
    } else {
      return false;
    }
    event.preventDefault();
    return true;
  }

  accept(option) {
    if (option.author) this.mentions.set(option.author.name, option.author.account);
    this.insert(option.from, this.text.selectionStart, option.insert);
    this.suggest([]);
  }

  reply(event) {
    this.cancel();
    this.target = { id: event.id, editing: false };
    this.show_context(fill(this.room.words.replying, { name: this.room.name_of(event) }), excerpt(event.html) || (event.media?.[0]?.name ?? ""));
    this.focus();
  }

  edit(event) {
    this.cancel();
    this.target = { id: event.id, editing: true, draft: this.text.value };
    this.text.value = event.text;
    for (const [start, end, account] of event.mentions ?? []) {
      this.mentions.set([...event.text].slice(start + 1, end).join(""), account);
    }
    this.show_context(this.room.words.editing, excerpt(event.html));
    this.grow();
    this.focus();
    this.text.setSelectionRange(this.text.value.length, this.text.value.length);
  }

  show_context(title, text) {
    const close = button(this.room.words.cancel, "close");
    close.addEventListener("click", () => {
      this.cancel();
      this.focus();
    });
    this.context.replaceChildren(
      el("span", { class: "context-text", role: "status" }, el("strong", { text: title }), el("span", { dir: "auto", text })), close);
    this.context.hidden = false;
  }

  cancel() {
    if (this.target?.editing) this.text.value = this.target.draft;
    this.target = null;
    this.context.hidden = true;
    this.grow();
  }

  add(list) {
    for (const file of [...list].slice(0, 10 - this.files.length)) {
      const entry = { file, state: "uploading", handle: "" };
      this.files.push(entry);
      this.upload(entry);
    }
    this.draw_chips();
    this.focus();
  }

  async upload(entry) {
    entry.state = "uploading";
    const body = new FormData();
    body.append("file", entry.file, entry.file.name);
    try {
      const answer = await fetch(`/upload/${encodeURIComponent(this.room.name)}`, { method: "POST", body });
      if (!answer.ok) throw new Error(String(answer.status));
      entry.handle = (await answer.json()).handle;
      entry.state = "ready";
    } catch {
      entry.state = "failed";
      this.room.say(fill(this.room.words.upload_failed, { name: entry.file.name }));
    }
    this.draw_chips();
    if (this.wanted && !this.files.some((each) => each.state === "uploading")) this.send();
  }

  draw_chips() {
    const { words } = this.room;
    this.chips.hidden = !this.files.length;
    this.chips.replaceChildren(...this.files.map((entry) => {
      const { name } = entry.file;
      const remove = button(fill(words.detach, { name }), "close");
      remove.addEventListener("click", () => {
        this.files = this.files.filter((each) => each !== entry);
        this.draw_chips();
        this.focus();
      });
      const again = entry.state === "failed" ? el("button", { type: "button", class: "choice", text: words.again }) : null;
      again?.addEventListener("click", () => {
        this.upload(entry);
        this.draw_chips();
      });
      return el("span", { class: `chip ${entry.state}`, "aria-busy": String(entry.state === "uploading") },
        el("span", { class: "file-name", dir: "auto", text: entry.state === "uploading" ? fill(words.uploading, { name }) : name }), again, remove);
    }));
  }

  send() {
    const text = this.text.value;
    this.suggest([]);
    if (!SHOWN.test(text) && !this.files.length) return;
    if ([...text].length > this.room.face.longest) {
      this.room.say(this.room.words.too_long);
      return;
    }
    if (!this.room.me.name) {
      this.room.ask_name();
      return;
    }
    if (this.files.some((entry) => entry.state === "failed")) {
      this.wanted = false;
      return;
    }
    if (this.files.some((entry) => entry.state === "uploading")) {
      this.wanted = true;
      return;
    }
    this.wanted = false;
    const mentions = [...this.mentions].filter(([name]) => text.includes(`@${name}`)).slice(0, MENTIONS);
    if (this.target?.editing) {
      const { id, draft } = this.target;
      if (!SHOWN.test(text)) return;
      this.room.link.act({ op: "edit", id, text, mentions });
      this.target = null;
      this.text.value = draft;
    } else {
      this.room.link.act({
        op: "say", text, mentions, reply_to: this.target?.id ?? null,
        files: this.files.map((entry) => entry.handle), names: this.files.map((entry) => entry.file.name),
      });
      this.text.value = "";
      this.files = [];
    }
    this.cancel();
    this.mentions.clear();
    this.draw_chips();
    this.keep();
    this.grow();
    this.room.stuck = true;
    this.room.draw_pending();
  }
}
