"""Scores with a model file, by nothing but Python: python3 score.py MODEL.safetensors REQUEST.json

The request is what POST /training/score takes; one line per candidate comes out. Reads LogisticRegression and TwoTowerMha.
"""

import array, json, math, struct, sys

raw = open(sys.argv[1], "rb").read()
data = 8 + struct.unpack("<Q", raw[:8])[0]
tensors = json.loads(raw[8:data])
about = tensors.pop("__metadata__")
card, schema = json.loads(about["model"]), json.loads(about["schema"])


def values(name):
    begin, end = tensors[name]["data_offsets"]
    return array.array("f", raw[data + begin : data + end])


def linear(x, weight, bias):
    return [b + sum(w * v for w, v in zip(weight[o * len(x) :], x)) for o, b in enumerate(bias)]


def layer(name, x):
    return linear(x, values(name + ".weight"), values(name + ".bias"))


def relu(x):
    return [max(0.0, v) for v in x]


def encode(side, features):
    known = {f["name"]: f for f in (features or {}).get("items", [])}
    row = []
    for spec in schema[side]["features"]:
        kind, vocabulary, f = spec["kind"], spec["vocabulary"], known.get(spec["name"])
        width = {"number": 2, "position": 3}.get(kind, len(vocabulary) + 2)
        part = [0.0] * width
        if f is None:
            part[-1] = 1.0
        elif kind in ("number", "position"):
            axes = [f["number"]] if kind == "number" else [f["position"]["latitude"], f["position"]["longitude"]]
            for i, v in enumerate(axes):
                part[i] = min(10.0, max(-10.0, (v - spec["mean"][i]) * spec["scale"][i]))
        else:
            tags = [f["text"]] if kind == "category" else f["texts"].get("values", [])
            for tag in tags:
                part[vocabulary.index(tag) if tag in vocabulary else len(vocabulary)] += 1.0 / len(tags)
        row += part
    return row


def attend(tokens):
    width, heads = card["tower_dim"], card["heads"]
    weight, bias, size = values("attention.in_proj_weight"), values("attention.in_proj_bias"), width // heads
    q, k, v = zip(*([part[i * width : (i + 1) * width] for i in range(3)] for part in (linear(t, weight, bias) for t in tokens)))
    attended = []
    for i in range(len(tokens)):
        row = []
        for h in (slice(n * size, (n + 1) * size) for n in range(heads)):
            e = [math.exp(sum(a * b for a, b in zip(q[i][h], other[h])) / math.sqrt(size)) for other in k]
            row += [sum(w / sum(e) * other[h][d] for w, other in zip(e, v)) for d in range(size)]
        attended += layer("attention.out_proj", row)
    return attended


def logit(user, item, context):
    if card["model"] == "LogisticRegression":
        return layer("linear", user + item + context)[0]
    u, i = (layer(t + ".3", relu(layer(t + ".0", x))) for t, x in (("user_tower", user), ("item_tower", item)))
    return layer("output_layer.3", relu(layer("output_layer.0", attend([u, i]) + [a * b for a, b in zip(u, i)] + context)))[0]


request = json.load(open(sys.argv[2]))
for c in request["candidates"]:
    z = logit(encode("user", request.get("user")), encode("candidate", c.get("features")), encode("context", c.get("context")))
    print(c["candidate_id"], 1 / (1 + math.exp(-z)))
