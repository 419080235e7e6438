/**
 * The stream of events from the service: reconnects by itself, and pauses while the tab is hidden.
 *
 * The service ends each stream after some seconds, and the browser opens the next; that is no loss of the connection.
 */

const PATIENCE_MILLIS = 3000;
const RETRY_MILLIS = 5000;
const GATHERING_MILLIS = 150;

export class Stream {
  // One who looks elsewhere gives the old place up.
  #viewer = Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(16)).join("");
  #path;
  #events;
  #onState;
  #source = null;
  #subjects = [];
  #lossTimer = 0;
  #openTimer = 0;

  /**
   * @param path of the stream
   * @param events functions that take an event's data, by the event's name
   * @param onState takes "connected", "waiting", "paused" or "lost", and a sentence
   */
  constructor(path, events, onState) {
    this.#path = path;
    this.#events = events;
    this.#onState = onState;
    document.addEventListener("visibilitychange", () => this.#restart());
    this.#restart();
  }

  /** Asks for the pictures of these cameras, and no others. */
  look(subjects) {
    if (subjects.length === this.#subjects.length && subjects.every((name, i) => name === this.#subjects[i])) {
      return;
    }
    this.#subjects = subjects;
    this.#openIn(GATHERING_MILLIS);
  }

  #restart() {
    if (document.visibilityState === "hidden") {
      this.#close();
      clearTimeout(this.#openTimer);
      clearTimeout(this.#lossTimer);
      this.#lossTimer = 0;
      this.#onState("paused", "Paused while nobody sees the page");
    } else {
      this.#onState("waiting", "Connecting to the service …");
      this.#openIn(0);
    }
  }

  #openIn(millis) {
    clearTimeout(this.#openTimer);
    if (document.visibilityState !== "hidden") {
      this.#openTimer = setTimeout(() => this.#open(), millis);
    }
  }

  #close() {
    this.#source?.close();
    this.#source = null;
  }

  #open() {
    this.#close();
    const query = this.#subjects.map((name) => "&subject=" + encodeURIComponent(name)).join("");
    const source = new EventSource(`${this.#path}?viewer=${this.#viewer}${query}`);
    this.#source = source;
    for (const [name, take] of Object.entries(this.#events)) {
      source.addEventListener(name, (event) => {
        if (source === this.#source) {
          take(JSON.parse(event.data));
        }
      });
    }
    source.onopen = () => this.#connected();
    source.onerror = () => {
      if (source !== this.#source) {
        return;
      }
      this.#lossTimer ||= setTimeout(
        () => this.#onState("lost", "The connection is lost; trying again …"), PATIENCE_MILLIS);
      if (source.readyState === EventSource.CLOSED) {
        this.#explain(source.url);
        this.#openIn(RETRY_MILLIS);
      }
    };
  }

  #connected() {
    clearTimeout(this.#lossTimer);
    this.#lossTimer = 0;
    this.#onState("connected", "Connected");
  }

  /** Shows the service's sentence if it refuses: an EventSource does not tell. */
  async #explain(url) {
    const abort = new AbortController();
    try {
      const answer = await fetch(url, { signal: abort.signal });
      if (!answer.ok) {
        const sentence = await answer.text();
        clearTimeout(this.#lossTimer);
        this.#onState("lost", sentence.trim());
      }
    } catch {
      // It doesn't answer at all: the timer says so.
    } finally {
      abort.abort();
    }
  }
}
