(function () {
  "use strict";
  var options = {
    ast: true,
    actions: false,
    defaultStyle: false,
    renderer: "svg",
    tooltip: { disableDefaultStyle: true }
  };
  document.querySelectorAll("figure[data-chart]").forEach(function (figure) {
    var name = figure.getAttribute("data-chart");
    var live = figure.querySelector(".live");
    var spec = JSON.parse(document.getElementById("spec-" + name).textContent);
    live.hidden = false;
    if (figure.clientWidth < 480) {
      spec.config.legend.columns = spec.usermeta.narrowColumns;
      spec.config.axis.labelLimit = 140;
    }
    window.vegaEmbed(live, spec, options).then(
      function () { figure.classList.add("is-live"); },
      function (error) { live.hidden = true; live.textContent = ""; console.error(error); }
    );
  });
})();
