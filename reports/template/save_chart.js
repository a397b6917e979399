(function () {
  "use strict";
  var SVG = "http://www.w3.org/2000/svg", MARGIN = 16, SCALE = 2;
  var credit = document.querySelector("main").dataset.credit || "";

  function put(parent, name, attributes, text) {
    var made = document.createElementNS(SVG, name);
    Object.keys(attributes).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    if (text) { made.textContent = text; }
    parent.append(made);
    return made;
  }
  function folded(text, letters) {
    return text.split(" ").reduce(function (lines, word) {
      var last = lines[lines.length - 1];
      if (last && (last + " " + word).length <= letters) { lines[lines.length - 1] = last + " " + word; } else { lines.push(word); }
      return lines;
    }, []);
  }
  function write(parent, lines, top, size, attributes) {
    lines.forEach(function (line, number) {
      put(parent, "text", Object.assign({ x: MARGIN, y: top + size * (1 + 1.3 * number), "font-size": size }, attributes), line);
    });
    return top + size * 1.3 * lines.length;
  }
  function drawn(image) {
    var bytes = Uint8Array.from(atob(image.src.split(",")[1]), function (letter) { return letter.charCodeAt(0); });
    var text = new TextDecoder().decode(bytes).replace(/<style>[^<]*<\/style>/g, "");  // which the page's policy refuses
    return new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  }
  function framed(figure) {
    var image = figure.querySelector(".still img"), inner = drawn(image), title = figure.querySelector("figcaption").textContent;
    var inside = Number(image.getAttribute("width")), height = Number(image.getAttribute("height")), width = inside + 2 * MARGIN;
    var outer = document.createElementNS(SVG, "svg");
    put(outer, "title", {}, title);
    put(outer, "desc", {}, image.alt);
    var paper = put(outer, "rect", { width: width, fill: "#fff" });
    var font = { "font-family": "Liberation Sans, Arial, Helvetica, sans-serif" };
    var top = write(outer, folded(title, inside / 8.6), MARGIN, 16, Object.assign({ fill: "#23272e", "font-weight": 600 }, font));
    Object.entries({ x: MARGIN, y: top + 8, width: inside, height: height }).forEach(function (one) { inner.setAttribute(one[0], one[1]); });
    outer.append(document.importNode(inner, true));
    var end = write(outer, folded(figure.dataset.credit || credit, inside / 5.4), top + height + 16, 11, Object.assign({ fill: "#5f656d" }, font)) + MARGIN;
    paper.setAttribute("height", end);
    Object.entries({ width: width, height: end, viewBox: "0 0 " + width + " " + end }).forEach(function (one) { outer.setAttribute(one[0], one[1]); });
    return { text: new XMLSerializer().serializeToString(outer), width: width, height: end };
  }
  function save(blob, name) {
    var link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 10000);
  }
  function asPicture(picture, name) {
    var image = new Image();
    image.onload = function () {
      var canvas = document.createElement("canvas");
      canvas.width = picture.width * SCALE;
      canvas.height = picture.height * SCALE;
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob(function (blob) { save(blob, name); }, "image/png");
    };
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(picture.text);
  }
  function copy(button) {
    var range = document.createRange(), chosen = window.getSelection();
    range.selectNodeContents(button.parentNode.querySelector(".cite"));
    chosen.removeAllRanges();
    chosen.addRange(range);
    if (document.execCommand("copy")) { button.textContent = button.dataset.copied; }
  }

  document.querySelectorAll(".take, .copy").forEach(function (one) { one.hidden = false; });
  document.addEventListener("click", function (event) {
    var button = event.target.closest("button"), figure = button && button.closest("figure");
    if (!figure) { return; }
    if (button.dataset.take === "svg") { save(new Blob([framed(figure).text], { type: "image/svg+xml" }), figure.dataset.name + ".svg"); }
    if (button.dataset.take === "png") { asPicture(framed(figure), figure.dataset.name + ".png"); }
    if (button.classList.contains("copy")) { copy(button); }
  });
})();
