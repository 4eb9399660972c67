// A room's socket. What is to be done is kept until the server says that it is committed.

const TOO_BIG = 1009;

export function place(kind, face) {
  return [`lianzhi.${kind}`, face.name, face.account, ""].map(encodeURIComponent).join("/");
}

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
  constructor(face) {
    this.prefix = place("out", face);
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
  constructor(face, hello) {
    super();
    this.room = face.name;
    this.account = face.account;
    this.hello = hello;
    this.outbox = new Outbox(face);
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
    let opened = false;
    this.socket = socket;
    socket.addEventListener("open", () => {
      opened = true;
      this.told = this.hello().name;
      socket.send(JSON.stringify({ op: "hello", ...this.hello() }));
    });
    socket.addEventListener("message", (event) => {
      if (socket === this.socket) this.receive(JSON.parse(event.data));
    });
    socket.addEventListener("close", (event) => {
      if (socket !== this.socket) return;
      this.lost(event.code);
      if (!opened) this.knock();
    });
  }

  async knock() {
    // A socket that is not let in hears no reason; the list of this browser's rooms tells it.
    try {
      const answer = await fetch("/boot", { cache: "no-store" });
      const barred = answer.ok && !(await answer.json()).rooms.some((room) => room.name === this.room);
      if (barred && !this.ready && !this.ended) this.receive({ op: "ended" });
    } catch {
      // The server is not reached: that is all there is to know.
    }
  }

  lost(code) {
    const tried = this.inFlight;
    this.ready = false;
    this.inFlight = "";
    clearTimeout(this.retry);
    if (this.ended) return;
    if (code === TOO_BIG && tried) this.emit("too-long", tried);
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
      const { account } = frame.me;
      if (this.account && account !== this.account) {
        // Somebody else has entered by this browser: what waits here is not theirs to send.
        this.ended = true;
        location.reload();
        return;
      }
      this.account = account;
      this.ready = true;
      this.wait = 500;
    } else if (frame.op === "ended") {
      this.ended = true;
      clearTimeout(this.timer);
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
      const worded = ["say", "edit"].includes(this.outbox.find(frame.cid).action.op);
      if (worded) this.outbox.fail(frame.cid, frame.text);
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
