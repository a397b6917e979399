"""Settings of `make lab`: opens on the notebooks and asks the network for nothing."""

import os
from pathlib import Path

# labconfig/page_config.json turns off the extension that asks whether to fetch news, and the check whether to build
# JupyterLab anew, for which it starts node.
search_path = os.environ.get("JUPYTER_CONFIG_PATH", "")
os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, (str(Path(__file__).resolve().parent), search_path)))

c = get_config()  # noqa: F821
c.ServerApp.root_dir = "."
c.LabApp.default_url = "/lab/tree/notebooks"
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
