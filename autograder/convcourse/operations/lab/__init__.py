"""JupyterLab as `make lab` opens it: JUPYTER_CONFIG_PATH names this folder."""
