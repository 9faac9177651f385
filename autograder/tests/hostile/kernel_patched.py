# Replies of a Jupyter kernel are forged, if there is one.
import sys
for module in list(sys.modules.values()):
    if hasattr(module, "IPythonKernel"):
        module.IPythonKernel.do_execute = lambda *a, **k: {"status": "ok", "execution_count": 1}
