"""Times a network in Atrous and in the runtimes that one would take instead, in turns, on this CPU.

    pip install torch openvino onnxruntime onnx nncf safetensors numpy
    python bench/peers.py resnet101 street --batch 1 4

All run the same network with the same weights, to the logits before the last upsampling, on as many threads. Each
run is a process of its own, and one follows the other, round after round: what disturbs the machine disturbs all.
Atrous' threads wait actively here, as the others' do; in the service they sleep sooner, since decoders want the cores.
Printed are the medians of all runs, their range, and the median as a multiple of Atrous' in the same precision; the
error is that of the logits against PyTorch in fp32, as the norm of the difference over the norm.
"""

import argparse
import json
import math
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ATROUS = pathlib.Path(__file__).resolve().parent.parent / "bin" / "atrous"
SPINS = "20000"
PRECISIONS = ("fp32", "bf16", "int8")
PEERS = {
    "fp32": ("PyTorch eager", "torch.compile", "ONNX Runtime", "OpenVINO"),
    "bf16": ("torch.compile", "OpenVINO"),
    "int8": ("OpenVINO",),
}


def resnet101():
    """The header of a model file, docs/models.md: the seed's network for PASCAL VOC."""

    def stage(blocks, stride, dilations):
        return [{"stride": stride if i == 0 else 1, "dilation": dilations[i % len(dilations)]} for i in range(blocks)]

    return {
        "formatVersion": 1,
        "model": {
            "name": "resnet101",
            "version": "untrained",
            "classes": [{"name": f"class {i}", "rgb": f"#{12 * i:02x}{255 - 12 * i:02x}80"} for i in range(21)],
            "inputHeight": 513,
            "inputWidth": 513,
            "normalization": {"mean": [0.485, 0.456, 0.406], "deviation": [0.229, 0.224, 0.225]},
            "resizePolicy": "FIT",
        },
        "network": {
            "inputChannels": 3,
            "classes": 21,
            "stem": "PLAIN",
            "block": "BOTTLENECK",
            "baseWidth": 64,
            "stages": [stage(3, 1, [1]), stage(4, 2, [1]), stage(23, 2, [1]), stage(3, 1, [2, 4, 8])],
            "aspp": {"rates": [1, 6, 12, 18], "channels": 256, "refinements": 0},
            "decoder": {"lowLevelChannels": 48, "channels": 256, "convolutions": 2},
            "alignCorners": True,
        },
    }


def network(spec, weights):
    """The body of a model file's network as a PyTorch module, batch norm folded, as every runtime here would fold it.

    Without weights they are made, the same each time, so that activations neither vanish nor explode.
    """
    import torch
    from torch import nn
    from torch.nn import functional as F

    if spec["stem"] != "PLAIN" or spec["block"] != "BOTTLENECK" or not spec["decoder"]:
        raise SystemExit("peers.py knows networks of bottlenecks with a plain stem and a decoder only")
    made = weights if weights else {}
    random = torch.Generator().manual_seed(1)

    def tensor(name, shape, fill):
        if weights:
            return weights[name].float()
        return made.setdefault(name, fill(torch.empty(shape)))

    def convolution(name, norm, inputs, outputs, kernel=1, stride=1, dilation=1, relu=True):
        layer = nn.Conv2d(inputs, outputs, kernel, stride, dilation * (kernel // 2), dilation)
        deviation = math.sqrt(2 / (inputs * kernel * kernel))
        weight = tensor(name + ".weight", layer.weight.shape, lambda t: t.normal_(0, deviation, generator=random))
        if norm is None:
            bias = tensor(name + ".bias", (outputs,), lambda t: t.normal_(0, 0.1, generator=random))
        else:
            gain = 0.3 if norm.endswith("bn3") else 1
            scale = tensor(norm + ".weight", (outputs,), lambda t: t.uniform_(0.6 * gain, 1.2 * gain, generator=random))
            shift = tensor(norm + ".bias", (outputs,), lambda t: t.normal_(0, 0.1, generator=random))
            mean = tensor(norm + ".running_mean", (outputs,), lambda t: t.normal_(0, 0.1, generator=random))
            variance = tensor(norm + ".running_var", (outputs,), lambda t: t.uniform_(0.6, 1.4, generator=random))
            factor = scale / torch.sqrt(variance + 1e-5)
            weight, bias = weight * factor[:, None, None, None], shift - mean * factor
        layer.weight.data, layer.bias.data = weight.contiguous(), bias.contiguous()
        return nn.Sequential(layer, nn.ReLU()) if relu else layer

    def resize(x, like):
        return F.interpolate(x, like.shape[2:], mode="bilinear", align_corners=spec["alignCorners"])

    class Bottleneck(nn.Module):
        def __init__(self, name, block, inputs, planes):
            super().__init__()
            stride, outputs = block["stride"], 4 * planes
            self.body = nn.Sequential(
                convolution(name + "conv1", name + "bn1", inputs, planes),
                convolution(name + "conv2", name + "bn2", planes, planes, 3, stride, block["dilation"]),
                convolution(name + "conv3", name + "bn3", planes, outputs, relu=False),
            )
            self.shortcut = nn.Identity()
            if stride != 1 or inputs != outputs:
                self.shortcut = convolution(
                    name + "downsample.0", name + "downsample.1", inputs, outputs, 1, stride, relu=False
                )

        def forward(self, x):
            return F.relu(self.body(x) + self.shortcut(x))

    class DeepLab(nn.Module):
        def __init__(self):
            super().__init__()
            backbone, width = "resnet_features.", spec["baseWidth"]
            self.stem = nn.Sequential(
                convolution(backbone + "conv1", backbone + "bn1", 3, width, 7, 2), nn.MaxPool2d(3, 2, 1)
            )
            stages, inputs = [], width
            for number, blocks in enumerate(spec["stages"]):
                stage = []
                for i, block in enumerate(blocks):
                    stage.append(Bottleneck(f"{backbone}layer{number + 1}.{i}.", block, inputs, width << number))
                    inputs = 4 * (width << number)
                stages.append(nn.Sequential(*stage))
            self.stages = nn.ModuleList(stages)
            aspp, decoder = spec["aspp"], spec["decoder"]
            channels = aspp["channels"]
            self.branches = nn.ModuleList(
                convolution(f"aspp{i + 1}.atrous_convolution", f"aspp{i + 1}.bn", inputs, channels,
                            1 if rate == 1 else 3, 1, rate)
                for i, rate in enumerate(aspp["rates"])
            )
            self.pooled = convolution("global_avg_pool.1", "global_avg_pool.2", inputs, channels)
            self.project = convolution("conv1", "bn1", channels * (len(aspp["rates"]) + 1), channels)
            self.low = convolution("conv2", "bn2", 4 * width, decoder["lowLevelChannels"])
            inputs, refine = channels + decoder["lowLevelChannels"], []
            for i in range(decoder["convolutions"]):
                refine.append(
                    convolution(f"last_conv.{3 * i}", f"last_conv.{3 * i + 1}", inputs, decoder["channels"], 3)
                )
                inputs = decoder["channels"]
            last = f"last_conv.{3 * decoder['convolutions']}"
            self.refine = nn.Sequential(*refine, convolution(last, None, inputs, spec["classes"], relu=False))

        def forward(self, x):
            low = x = self.stages[0](self.stem(x))
            for stage in self.stages[1:]:
                x = stage(x)
            branches = [branch(x) for branch in self.branches]
            branches.append(resize(self.pooled(F.adaptive_avg_pool2d(x, 1)), x))
            x = self.project(torch.cat(branches, 1))
            return self.refine(torch.cat([resize(x, low), self.low(low)], 1))

    return DeepLab().eval(), made


def read(path):
    """A model file's header and weights."""
    from safetensors.torch import safe_open

    with safe_open(path, "pt") as file:
        return json.loads(file.metadata()["atrous.model"]), {name: file.get_tensor(name) for name in file.keys()}


def write_resnet101(path):
    from safetensors.torch import save_file

    header = resnet101()
    _, weights = network(header["network"], None)
    save_file(weights, path, {"atrous.model": json.dumps(header)})


def runner(peer, precision, module, x, folder):
    """A function that runs the network once on x, [N, 3, H, W], and returns its logits."""
    import numpy
    import torch

    threads = torch.get_num_threads()
    if peer == "PyTorch eager":
        return lambda: module(x).numpy()
    if peer == "torch.compile":
        import torch._inductor.config

        torch._inductor.config.freezing = True
        compiled = torch.compile(module.to(memory_format=torch.channels_last))
        image = x.to(memory_format=torch.channels_last)

        def run():
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
                return compiled(image).float().numpy()

        return run
    exported = folder / f"batch{x.shape[0]}.onnx"
    if not exported.exists():
        torch.onnx.export(module, (x,), str(exported), opset_version=17, input_names=["image"], dynamo=False)
    pixels = x.numpy()
    if peer == "ONNX Runtime":
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(str(exported), options, providers=["CPUExecutionProvider"])
        return lambda: session.run(None, {"image": pixels})[0]
    import openvino

    core = openvino.Core()
    model = core.read_model(str(exported))
    if precision == "int8":
        import nncf

        images = [numpy.random.default_rng(i).standard_normal(pixels.shape, "f4") for i in range(4)]
        model = nncf.quantize(model, nncf.Dataset(images), preset=nncf.QuantizationPreset.PERFORMANCE, subset_size=4)
    settings = {
        "INFERENCE_PRECISION_HINT": {"fp32": "f32"}.get(precision, "bf16"),
        "INFERENCE_NUM_THREADS": threads,
        "NUM_STREAMS": 1,
        "PERFORMANCE_HINT": "LATENCY",
    }
    request = core.compile_model(model, "CPU", settings).create_infer_request()
    return lambda: request.infer({0: pixels})[0]


def work(arguments):
    """Runs a peer in this process, and prints its times and error."""
    import numpy
    import torch

    torch.set_num_threads(arguments.threads)
    model, batch = arguments.networks[0], arguments.batch[0]
    header, weights = read(model)
    module, _ = network(header["network"], weights)
    shape = (batch, 3, header["model"]["inputHeight"], header["model"]["inputWidth"])
    x = torch.randn(shape, generator=torch.Generator().manual_seed(3))
    with torch.inference_mode():
        expected = module(x).numpy()
        run = runner(arguments.peer, arguments.precision, module, x, pathlib.Path(arguments.folder))
        error = numpy.linalg.norm(run() - expected) / numpy.linalg.norm(expected)
        run()
        times = []
        end = time.perf_counter() + arguments.seconds
        while len(times) < 3 or time.perf_counter() < end:
            start = time.perf_counter()
            run()
            times.append(1000 * (time.perf_counter() - start))
    print(json.dumps({"millis": times, "error": float(error)}))


def time_peer(peer, precision, model, batch, folder, arguments):
    command = [sys.executable, __file__, model, "--batch", str(batch), "--peer", peer, "--precision", precision]
    command += ["--folder", folder, "--threads", str(arguments.threads), "--seconds", str(arguments.seconds)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{peer} in {precision} fails:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def time_atrous(model, batch, folder, arguments):
    """Atrous' medians and errors by precision."""
    report = pathlib.Path(folder) / "atrous.json"
    command = [str(ATROUS), "bench", "network", "--network", model, "--batch", str(batch), "--engine", "onednn"]
    command += ["--threads", str(arguments.threads), "--seconds", str(math.ceil(4 * arguments.seconds))]
    environment = {"GOMP_SPINCOUNT": SPINS, **os.environ}
    done = subprocess.run(command + ["--json", str(report)], capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        sys.exit(f"Atrous fails:\n{done.stderr[-2000:]}")
    figures = {}
    for row in json.loads(report.read_text())["rows"]:
        for precision in PRECISIONS:
            if row["name"].endswith(f"oneDNN {precision}, body"):
                figures[precision] = {"millis": [row["medianMillis"]], "error": row["relativeError"]}
    return figures


def compare(name, model, batch, folder, arguments):
    figures = {}
    for done in range(arguments.rounds):
        print(f"{name}, {batch} images: round {done + 1} of {arguments.rounds}", file=sys.stderr)
        for precision, figure in time_atrous(model, batch, folder, arguments).items():
            add(figures, ("Atrous", precision), figure)
        for precision in arguments.precisions:
            for peer in PEERS[precision]:
                figure = time_peer(peer, precision, model, batch, folder, arguments)
                add(figures, (peer, precision), figure)
    print(f"\n| {name}, {batch} | median ms | range | Atrous is faster by | error |\n| --- | --- | --- | --- | --- |")
    for precision in arguments.precisions:
        ours = figures.get(("Atrous", precision))
        for peer in ("Atrous", *PEERS[precision]):
            figure = figures.get((peer, precision))
            if figure is None:
                continue
            median = statistics.median(figure["millis"])
            ratio = f"{median / statistics.median(ours['millis']):.2f}" if ours and peer != "Atrous" else ""
            spread = f"{min(figure['millis']):.1f}–{max(figure['millis']):.1f}"
            print(f"| {peer}, {precision} | {median:.1f} | {spread} | {ratio} | {figure['error']:.1e} |", flush=True)


def add(figures, key, figure):
    """Keeps the median of each process: what a process has for its whole life, such as its memory, counts once."""
    kept = figures.setdefault(key, {"millis": [], "error": 0.0})
    kept["millis"].append(statistics.median(figure["millis"]))
    kept["error"] = max(kept["error"], figure["error"])


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("networks", nargs="+", metavar="NETWORK", help="resnet101, street, or a model file")
    parser.add_argument("--batch", type=int, nargs="+", default=[1, 4], help="images in a call")
    parser.add_argument("--precisions", nargs="+", choices=PRECISIONS, default=list(PRECISIONS))
    parser.add_argument("--rounds", type=int, default=5, help="processes of each")
    parser.add_argument("--seconds", type=float, default=5, help="time of each process, once warm; 3 calls at least")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    parser.add_argument("--precision", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peer:
        work(arguments)
        return
    for name in arguments.networks:
        with tempfile.TemporaryDirectory() as folder:
            model = name
            if name == "resnet101":
                model = str(pathlib.Path(folder) / "resnet101.safetensors")
                write_resnet101(model)
            elif name == "street":
                model = str(ATROUS.parent.parent / "src/main/resources/io/atrous/model/street.safetensors")
            for batch in arguments.batch:
                compare(name, model, batch, folder, arguments)


if __name__ == "__main__":
    main()
