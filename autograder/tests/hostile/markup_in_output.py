# Puts scripts into everything that is shown.
from IPython.display import HTML, Javascript, display
display(HTML("<script>alert(1)</script><img src=x onerror=alert(1)><iframe src=//example.org></iframe>"), Javascript("alert(1)"))
print("<script>alert(1)</script>")
raise ValueError("<script>alert(1)</script>")
