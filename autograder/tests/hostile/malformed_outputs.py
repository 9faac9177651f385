# Sends outputs of a shape that the judge does not expect.
import convcourse.sandbox.child
convcourse.sandbox.child._run = lambda *a: [7, {"output_type": "alien"}, {"output_type": "stream"}, {"data": []}]
