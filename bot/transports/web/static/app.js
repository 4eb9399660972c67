// Starts the page: the rooms that this browser may enter, side by side or behind tabs.
import { Room } from "./room.js";
import { el } from "./dom.js";

const main = document.getElementById("rooms");
const tabs = document.getElementById("tabs");
const notice = document.getElementById("notice");
const wide = matchMedia("(min-width: 52rem)");

function tell(text) {
  notice.textContent = text;
  notice.hidden = false;
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function join() {
  const token = decoded(location.hash.slice(1));
  history.replaceState(null, "", "/join");
  const answer = await fetch("/join", { method: "POST", body: token });
  if (!answer.ok) {
    tell(await answer.text());
    return;
  }
  location.replace((await answer.json()).go);
}

function choose(boot) {
  const only = decoded(location.pathname.match(/^\/room\/([^/]+)/)?.[1] ?? "");
  return only ? boot.rooms.filter((room) => room.name === only) : boot.rooms;
}

function arrange(rooms, label) {
  let shown = rooms.slice(0, 2);
  let front = rooms[0];
  const show = () => {
    const visible = wide.matches ? shown : [front];
    main.dataset.columns = String(visible.length);
    for (const room of rooms) {
      const here = visible.includes(room);
      room.root.hidden = !here;
      room.tab.setAttribute("aria-pressed", String(here));
      // What came to a hidden room could not move it to its end.
      if (here && room.stuck) room.bottom();
      else if (here) room.seen();
    }
    tabs.hidden = rooms.length <= visible.length;
  };
  tabs.setAttribute("aria-label", label);
  for (const room of rooms) {
    room.tab = el("button", { class: "tab", type: "button" });
    room.tab.addEventListener("click", () => {
      front = room;
      if (!shown.includes(room)) shown = [...shown.slice(1), room];
      show();
    });
    room.name_tab();
    tabs.append(room.tab);
    main.append(room.root);
  }
  wide.addEventListener("change", show);
  show();
}

function count(rooms) {
  const title = document.title;
  const update = () => {
    const unread = rooms.reduce((sum, room) => sum + room.unread, 0);
    document.title = unread ? `(${unread}) ${title}` : title;
  };
  for (const room of rooms) room.addEventListener("unread", update);
}

async function start() {
  if (location.pathname === "/join" && location.hash.length > 1) {
    await join();
    return;
  }
  const answer = await fetch("/boot", { cache: "no-store" });
  if (!answer.ok) throw new Error(String(answer.status));
  const boot = await answer.json();
  const chosen = choose(boot);
  if (!chosen.length) {
    tell(boot.none);
    return;
  }
  notice.hidden = true;
  const rooms = chosen.map((face) => new Room(face));
  arrange(rooms, boot.rooms_label);
  count(rooms);
  const skip = document.getElementById("skip");
  skip.addEventListener("click", (event) => {
    event.preventDefault();
    (rooms.find((room) => !room.root.hidden) ?? rooms[0]).focus();
  });
  for (const room of rooms) room.connect();
}

async function persist(wait = 1000) {
  try {
    await start();
  } catch {
    setTimeout(() => persist(Math.min(wait * 2, 15000)), wait);
  }
}

persist();
