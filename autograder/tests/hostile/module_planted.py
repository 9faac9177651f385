# Plants modules in the working folder.
for name in ("numpy", "keras", "convcourse", "sitecustomize"):
    open(name + ".py", "w").write("raise SystemExit")
import importlib
importlib.invalidate_caches()
