// Keeps what a page shows fresh, where it can. The page is whole without it.
//
// A region says by `data-live` what it shows ("request:ID", "requests",
// "experts"). When one of these changes, the page is fetched again and the
// region replaced, with its open folds and the focus where they were. A region
// that holds something to type into is never replaced. Without a connection
// nothing is said: the browser tries again by itself, and what was missed is
// fetched once.

const region = document.querySelector("main [data-live]");

if (region && "EventSource" in window) {
  const topics = region.dataset.live.split(" ");
  const voice = document.querySelector("[data-live-voice]");
  let source = null;
  let waiting = 0;
  let busy = false;
  let again = false;

  const concerns = ({ topic, id }) =>
    topic === "anything" || topics.includes(topic + "s") || topics.includes(topic + ":" + id);

  const say = (sentence) => {
    if (voice && sentence) voice.textContent = sentence;
  };

  const typedInto = () => region.querySelector("input:not([type=hidden]), textarea, select");

  // Where the focus is, in words that also find it in the new region.
  const place = (element) => {
    if (!element || !region.contains(element) || element === region) return null;
    if (element.id) return (root) => root.querySelector("#" + CSS.escape(element.id));
    const kind = element.tagName.toLowerCase();
    const peers = [...region.querySelectorAll(kind)];
    const href = element.getAttribute("href");
    if (href) {
      const nth = peers.filter((peer) => peer.getAttribute("href") === href).indexOf(element);
      return (root) =>
        [...root.querySelectorAll(kind)].filter((peer) => peer.getAttribute("href") === href)[nth];
    }
    const at = peers.indexOf(element);
    return (root) => root.querySelectorAll(kind)[at];
  };

  const replace = (fresh) => {
    if (fresh.innerHTML === region.innerHTML) return;
    const open = [...region.querySelectorAll("details")].map((fold) => fold.open);
    const where = place(document.activeElement);
    region.replaceChildren(...document.importNode(fresh, true).childNodes);
    region.querySelectorAll("details").forEach((fold, at) => {
      if (open[at]) fold.open = true;
    });
    const target = where && where(region);
    if (target) target.focus({ preventScroll: true });
    say(region.dataset.liveSaid);
  };

  // What is on its way is looked at again by itself.
  const onItsWay = () => {
    const again = region.querySelector("[data-again]");
    if (again && !document.hidden) setTimeout(soon, 1000 * Number(again.dataset.again));
  };

  const refresh = async () => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      const answer = await fetch(location.href, { credentials: "same-origin" });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const count = document.getElementById("nav-count");
      const counted = page.getElementById("nav-count");
      if (count && counted) count.replaceChildren(...document.importNode(counted, true).childNodes);
      const fresh = page.querySelector("main [data-live]");
      if (!fresh) return;
      if (!typedInto()) replace(fresh);
      onItsWay();
    } catch {
      // No connection: the stream tells when there is one again.
    } finally {
      busy = false;
      if (again) {
        again = false;
        refresh();
      }
    }
  };

  // Several changes in one moment are one refresh.
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(refresh, 200);
  };

  const listen = () => {
    if (source) return;
    source = new EventSource("/events");
    source.addEventListener("change", (event) => {
      let change = null;
      try {
        change = JSON.parse(event.data);
      } catch {
        return;
      }
      if (concerns(change)) soon();
    });
  };

  const hush = () => {
    if (source) source.close();
    source = null;
  };

  // A hidden page does not hold one of the few connections a browser has.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) hush();
    else {
      listen();
      soon();
    }
  });
  window.addEventListener("pagehide", hush);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
      listen();
      soon();
    }
  });
  if (!document.hidden) {
    listen();
    onItsWay();
  }
}
