"""peer.py save|load FORMAT FILE FEATURES REPEATS: one measurement of another format, printed as JSON.

The model is a vector of so many weights in double precision; what a load gives back is looked at once."""

import json
import os
import sys
import time

import numpy


def joblib_format():
    import joblib
    from sklearn.linear_model import Ridge

    def save(weights, file):
        model = Ridge()
        model.coef_, model.intercept_, model.n_features_in_ = weights, 0.5, weights.size
        joblib.dump(model, file)

    return save, lambda file: joblib.load(file).coef_


def onnx_format():
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    def save(weights, file):
        size = weights.size
        graph = helper.make_graph(
            [helper.make_node("MatMul", ["x", "w"], ["xw"]), helper.make_node("Add", ["xw", "b"], ["y"])], "linear",
            [helper.make_tensor_value_info("x", TensorProto.DOUBLE, [None, size])],
            [helper.make_tensor_value_info("y", TensorProto.DOUBLE, [None])],
            [numpy_helper.from_array(weights, "w"), numpy_helper.from_array(numpy.array([0.5]), "b")])
        onnx.save(helper.make_model(graph), file)

    return save, lambda file: numpy_helper.to_array(onnx.load(file).graph.initializer[0])


def safetensors_format():
    from safetensors.numpy import load_file, save_file

    return (lambda weights, file: save_file({"coefficients": weights, "intercept": numpy.array([0.5])}, file),
            lambda file: load_file(file)["coefficients"])


def memory(name):
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(name))


def main():
    verb, name, file, features, repeats = sys.argv[1:]
    save, load = {"joblib": joblib_format, "ONNX": onnx_format, "safetensors": safetensors_format}[name]()
    weights = numpy.random.default_rng(1).random(int(features)) - 0.5 if verb == "save" else None
    held, times = memory("VmRSS"), []
    for _ in range(int(repeats) + 1):  # the first does not count
        start = time.perf_counter()
        if verb == "save":
            save(weights, file)
            with open(file, "rb") as written:
                os.fsync(written.fileno())  # as aprender does
        else:
            assert load(file).size == int(features)
        times.append(time.perf_counter() - start)
    print(json.dumps({"seconds": sorted(times[1:])[int(repeats) // 2], "held": held, "peak": memory("VmHWM")}))


main()
