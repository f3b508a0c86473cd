"""{name: [dtype, shape, numbers in hexadecimal]} of a safetensors file, by the reference implementation."""

import json
import struct
import sys

import safetensors

with open(sys.argv[1], "rb") as file:
    tensors = safetensors.deserialize(file.read())
print(json.dumps({name: [tensor["dtype"], tensor["shape"],
                         [number.hex() for (number,) in struct.iter_unpack("<d" if tensor["dtype"] == "F64" else "<f",
                                                                           bytes(tensor["data"]))]]
                  for name, tensor in tensors}))
