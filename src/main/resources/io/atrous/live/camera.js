import { close, decode, draw } from "./picture.js";
import { millis, number, percent } from "./figures.js";

const SHARES_SHOWN = 4;

/** One camera on the page: its picture, its figures, and what is in the picture in words. */
export class Camera {
  #canvas = document.createElement("canvas");
  #figures = document.createElement("p");
  #shares = document.createElement("p");
  #picture = null;
  #taken = 0;
  #shown = 0;

  constructor(name) {
    this.name = name;
    this.element = document.createElement("li");
    this.element.className = "tile";
    this.#canvas.setAttribute("role", "img");
    this.#canvas.setAttribute("aria-label", name + ": no picture yet");
    const heading = document.createElement("h3");
    // Names come from outside: text, never markup.
    heading.textContent = name;
    this.#shares.className = "shares";
    const caption = document.createElement("figcaption");
    caption.append(heading, this.#figures, this.#enlarge(), this.#shares);
    const figure = document.createElement("figure");
    figure.append(this.#canvas, caption);
    this.element.append(figure);
  }

  #enlarge() {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Enlarge";
    button.setAttribute("aria-label", "Enlarge " + this.name);
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      const large = this.element.classList.toggle("large");
      button.setAttribute("aria-pressed", String(large));
    });
    return button;
  }

  /** Shows a picture as the service sends it, unless a later one is here by then. */
  async show(message, view) {
    const turn = ++this.#taken;
    const picture = await decode(message);
    if (turn < this.#shown || !this.element.isConnected) {
      close(picture);
      return;
    }
    this.#shown = turn;
    if (this.#picture) {
      close(this.#picture);
    }
    this.#picture = picture;
    this.#canvas.style.aspectRatio = `${message.frameWidth} / ${message.frameHeight}`;
    const words = message.shares
      .slice(0, SHARES_SHOWN)
      .map((share) => `${share.name} ${percent(share.fraction)}`);
    this.#shares.textContent = words.join(" · ");
    this.#canvas.setAttribute("aria-label", `${this.name}: ${words.join(", ")}`);
    this.draw(view);
  }

  /** Draws the last picture again. */
  draw(view) {
    if (this.#picture) {
      draw(this.#canvas, this.#picture, view.opacity, view.outlines);
    }
  }

  /** Shows the camera's figures. */
  tell({ frames, deadLetters }) {
    const silent = frames.framesPerSecond === 0;
    this.element.dataset.silent = String(silent);
    this.#figures.classList.toggle("silent", silent);
    const lost = deadLetters === 0 ? "" : ` · ${deadLetters} dead letter${deadLetters === 1 ? "" : "s"}`;
    this.#figures.textContent = silent
      ? "no mask for 5 s" + lost
      : `${number(frames.framesPerSecond)} frames/s · ${millis(frames.latencyMillis)}${lost}`;
  }

  /** Takes the camera from the page. */
  remove() {
    this.element.remove();
    if (this.#picture) {
      close(this.#picture);
      this.#picture = null;
    }
  }
}
