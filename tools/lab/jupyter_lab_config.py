"""Settings of `make lab`: opens on the notebooks and asks the network for nothing."""

c = get_config()  # noqa: F821
c.ServerApp.root_dir = "."
c.LabApp.default_url = "/lab/tree/notebooks"
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
