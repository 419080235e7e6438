import { Camera } from "./camera.js";
import { showFigures, showModel } from "./figures.js";
import { Stream } from "./stream.js";

const cameras = new Map();
const visible = new Set();
const view = { opacity: 0, outlines: false };
const tiles = document.getElementById("tiles");
const opacity = document.getElementById("opacity");
const outlines = document.getElementById("outlines");
let model = null;
let drawing = 0;

const stream = new Stream("/live/events", {
  model: (now) => {
    model = now;
    showModel(now);
  },
  figures: (now) => {
    showFigures(now, model);
    showCameras(now);
  },
  picture: (picture) => cameras.get(picture.camera)?.show(picture, view),
}, (state, sentence) => {
  const connection = document.getElementById("connection");
  if (connection.textContent !== sentence) {
    connection.textContent = sentence;
    connection.dataset.state = state;
  }
});

// Cameras out of sight send no pictures.
const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    visible[isIntersecting ? "add" : "delete"](target);
  }
  look();
}, { rootMargin: "150px" });

function look() {
  stream.look([...cameras.values()].filter((camera) => visible.has(camera.element)).map((camera) => camera.name));
}

function showCameras({ cameras: now, maxCameras }) {
  const names = new Set(now.map((camera) => camera.name));
  for (const [name, camera] of cameras) {
    if (!names.has(name)) {
      observer.unobserve(camera.element);
      visible.delete(camera.element);
      camera.remove();
      cameras.delete(name);
    }
  }
  now.forEach((figures, place) => {
    let camera = cameras.get(figures.name);
    if (!camera) {
      camera = new Camera(figures.name);
      cameras.set(figures.name, camera);
      tiles.insertBefore(camera.element, tiles.children[place] ?? null);
      observer.observe(camera.element);
    }
    camera.tell(figures);
  });
  document.getElementById("no-cameras").hidden = now.length > 0;
  const tooMany = document.getElementById("too-many");
  tooMany.hidden = now.length < maxCameras;
  tooMany.textContent = `${maxCameras} cameras are shown, the most that this page takes.`;
}

function readView() {
  view.opacity = opacity.valueAsNumber / 100;
  view.outlines = outlines.checked;
  document.getElementById("opacity-text").textContent = `${opacity.value} %`;
  drawing ||= requestAnimationFrame(() => {
    drawing = 0;
    cameras.forEach((camera) => camera.draw(view));
  });
}

opacity.addEventListener("input", readView);
outlines.addEventListener("change", readView);
readView();
