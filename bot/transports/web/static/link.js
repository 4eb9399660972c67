// A room's socket. What is to be done is kept until the server says that it is committed.

const PREFIX = "lianzhi.out.";

function keep(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Without storage it lives as long as the page.
  }
}

export function random(bytes = 12) {
  return [...crypto.getRandomValues(new Uint8Array(bytes))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

export class Outbox {
  constructor(room) {
    this.prefix = `${PREFIX}${room}.`;
    this.items = [];
    this.count = 0;
    try {
      for (const key of Object.keys(localStorage)) {
        if (key.startsWith(this.prefix)) this.items.push(JSON.parse(localStorage.getItem(key)));
      }
    } catch {
      this.items = [];
    }
    this.items.sort((a, b) => a.at - b.at || a.turn - b.turn);
  }

  add(action) {
    const item = { action, at: Date.now(), turn: this.count++, failed: "" };
    this.items.push(item);
    keep(this.prefix + action.cid, item);
    return item;
  }

  next() {
    return this.items.find((item) => !item.failed);
  }

  find(cid) {
    return this.items.find((item) => item.action.cid === cid);
  }

  settle(cid) {
    this.items = this.items.filter((item) => item.action.cid !== cid);
    keep(this.prefix + cid, null);
  }

  fail(cid, text) {
    const item = this.find(cid);
    if (!item) return;
    item.failed = text;
    keep(this.prefix + cid, item);
  }
}

export class Link extends EventTarget {
  constructor(room, hello) {
    super();
    this.room = room;
    this.hello = hello;
    this.outbox = new Outbox(room);
    this.wait = 500;
    this.ready = false;
    this.inFlight = "";
    this.ended = false;
    addEventListener("online", () => this.hurry());
    addEventListener("offline", () => this.socket?.close());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.hurry();
    });
  }

  open() {
    clearTimeout(this.timer);
    if (this.ended) return;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/ws/${encodeURIComponent(this.room)}`);
    this.socket = socket;
    socket.addEventListener("open", () => {
      this.told = this.hello().name;
      socket.send(JSON.stringify({ op: "hello", ...this.hello() }));
    });
    socket.addEventListener("message", (event) => {
      if (socket === this.socket) this.receive(JSON.parse(event.data));
    });
    socket.addEventListener("close", () => {
      if (socket === this.socket) this.lost();
    });
  }

  lost() {
    this.ready = false;
    this.inFlight = "";
    clearTimeout(this.retry);
    if (this.ended) return;
    this.emit("lost");
    this.timer = setTimeout(() => this.open(), this.wait * (0.75 + Math.random() / 2));
    this.wait = Math.min(this.wait * 1.7, 10000);
  }

  hurry() {
    if (this.ready || this.ended || this.socket?.readyState === WebSocket.CONNECTING) return;
    this.wait = 500;
    this.open();
  }

  receive(frame) {
    if (frame.op === "welcome") {
      this.ready = true;
      this.wait = 500;
    } else if (frame.op === "ended") {
      this.ended = true;
    }
    if (frame.op === "ack") {
      this.outbox.settle(frame.cid);
      this.inFlight = "";
    } else if (frame.op === "refused" && frame.cid && this.outbox.find(frame.cid)) {
      this.inFlight = "";
      if (frame.again) {
        this.retry = setTimeout(() => this.flush(), frame.again * 1000);
        this.emit("frame", frame);
        return;
      }
      if (this.outbox.find(frame.cid).action.op === "say") this.outbox.fail(frame.cid, frame.text);
      else this.outbox.settle(frame.cid);
    }
    this.emit("frame", frame);
    if (frame.op === "welcome" || frame.op === "ack" || frame.op === "refused") this.flush();
  }

  act(action) {
    const item = this.outbox.add({ ...action, cid: random() });
    this.flush();
    return item;
  }

  flush() {
    const item = this.outbox.next();
    if (!this.ready || this.inFlight || !item) return;
    this.tell_name();
    this.inFlight = item.action.cid;
    this.socket.send(JSON.stringify(item.action));
  }

  tell_name() {
    const { name } = this.hello();
    if (!this.ready || name === this.told) return;
    this.told = name;
    this.socket.send(JSON.stringify({ op: "name", name }));
  }

  ask(frame) {
    if (this.ready) this.socket.send(JSON.stringify(frame));
  }

  emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
