// Sharing where one is with a room: one message that moves. It begins only with a second press,
// after the page has said what that means, and ends with the next press or with the page.
import { button } from "./dom.js";

const SOONEST = 30000;
const LATEST = 120000;
const STEP = 30;
const METRES = 111320;

export class Sharing {
  constructor(room) {
    this.room = room;
    this.node = button("", "place", "place");
    this.node.setAttribute("aria-pressed", "false");
    this.node.hidden = !("geolocation" in navigator);
    this.node.addEventListener("click", () => this.press());
    room.link?.addEventListener("frame", (event) => this.heard(event.detail));
  }

  label() {
    const text = this.watch === undefined ? this.room.words.place : this.room.words.place_stop;
    this.node.setAttribute("aria-label", text);
    this.node.title = text;
    this.node.setAttribute("aria-pressed", String(this.watch !== undefined));
    this.node.classList.toggle("on", this.watch !== undefined);
  }

  press() {
    if (this.watch !== undefined) {
      this.stop();
      return;
    }
    if (!this.room.me.name) {
      this.room.ask_name();
      return;
    }
    if (!this.asked) {
      this.asked = setTimeout(() => { this.asked = 0; }, 8000);
      this.room.say(this.room.words.place_sure);
      return;
    }
    clearTimeout(this.asked);
    this.asked = 0;
    this.begin();
  }

  begin() {
    this.cid = "";
    this.id = 0;
    this.last = null;
    this.watch = navigator.geolocation.watchPosition(
      (position) => this.moved(position.coords),
      () => {
        this.stop();
        this.room.say(this.room.words.place_failed);
      },
      { enableHighAccuracy: true, maximumAge: 15000 },
    );
    this.label();
  }

  stop() {
    navigator.geolocation.clearWatch(this.watch);
    this.watch = undefined;
    this.label();
  }

  moved({ latitude, longitude }) {
    const now = Date.now();
    const text = `geo:${latitude.toFixed(6)},${longitude.toFixed(6)}`;
    if (this.last) {
      const north = (latitude - this.last.latitude) * METRES;
      const east = (longitude - this.last.longitude) * METRES * Math.cos(latitude * Math.PI / 180);
      const wait = now - this.last.at;
      if (wait < SOONEST || (wait < LATEST && Math.hypot(north, east) < STEP)) return;
      if (!this.id) return;
      this.room.link.act({ op: "edit", id: this.id, text, mentions: [] });
    } else {
      this.cid = this.room.link.act({ op: "say", text, mentions: [], reply_to: null, files: [], names: [] }).action.cid;
      this.room.stuck = true;
      this.room.draw_pending();
    }
    this.last = { latitude, longitude, at: now };
  }

  heard(frame) {
    if (frame.op === "ack" && frame.cid === this.cid && !this.id) this.id = frame.id;
  }
}
