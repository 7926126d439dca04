"""Scores with a model file, by nothing but Python (and features.py beside it): python3 score.py MODEL.safetensors REQUEST.json

The request is what POST /training/score takes; one line per candidate comes out. Ralm and MeanPooledSeeds want to know who
responded to whom: "audiences" of the request is a list of what GET /training/users/{user_id}/audience answers (all parts
of it, without known_version), of the candidates and, where candidates are users, of the user. Whoever is not among them has no
seeds. Seeds are clustered as a node does when it clusters them anew. What this script cannot do it refuses by name.
"""

import array, json, math, re, struct, sys

sys.dont_write_bytecode = True  # Nothing is left beside the scripts.
from features import M64, BadValue, encode, encode_context, flat, refuse, xxh64

# ---- the file

raw = open(sys.argv[1], "rb").read()
data = 8 + struct.unpack("<Q", raw[:8])[0]
tensors = json.loads(raw[8:data])
about = tensors.pop("__metadata__")
if about.get("format") != "ralm-1":
    refuse(f'format "{about.get("format")}" is not ralm-1')
card, schema = json.loads(about["model"]), json.loads(about["schema"])
if schema["version"] != 1:
    refuse(f'schema version {schema["version"]} is not 1')

def values(name, kept={}):
    if name not in kept:
        begin, end = tensors[name]["data_offsets"]
        kept[name] = array.array("f", raw[data + begin : data + end])
    return kept[name]

# ---- layers

def dot(a, b):
    return sum(x * y for x, y in zip(a, b))

def linear(x, weight, bias):
    return [b + dot(weight[o * len(x) : (o + 1) * len(x)], x) for o, b in enumerate(bias)]

def layer(name, x):
    return linear(x, values(name + ".weight"), values(name + ".bias"))

def relu(x):
    return [max(0.0, v) for v in x]

def product(a, b):
    return [x * y for x, y in zip(a, b)]

def softmax(x):
    most = max(x)
    e = [math.exp(v - most) for v in x]
    total = sum(e)
    return [v / total for v in e]

def mix(shares, rows):
    return [dot(shares, column) for column in zip(*rows)]

# ---- TwoTowerMha

def attend(tokens):
    width, heads = card["tower_dim"], card["heads"]
    weight, bias, size = values("attention.in_proj_weight"), values("attention.in_proj_bias"), width // heads
    q, k, v = zip(*([part[i * width : (i + 1) * width] for i in range(3)] for part in (linear(t, weight, bias) for t in tokens)))
    attended = []
    for query in q:
        row = []
        for h in (slice(n * size, (n + 1) * size) for n in range(heads)):
            row += mix(softmax([dot(query[h], other[h]) / math.sqrt(size) for other in k]), [other[h] for other in v])
        attended += layer("attention.out_proj", row)
    return attended

def two_towers(user, item, context):
    u, i = (layer(t + ".3", relu(layer(t + ".0", x))) for t, x in (("user_tower", user), ("item_tower", item)))
    return layer("output_layer.3", relu(layer("output_layer.0", attend([u, i]) + product(u, i) + context)))[0]

# ---- Ralm: people, seeds, clusters

def represent(people):
    """A person's features, one embedding each, merged by attention, and a small network."""
    parts = [p for p in people[0].values() if p]
    h = [layer(f"user.field.{k}", part) for k, part in enumerate(parts)]
    w1, w2, none = values("user.merge.w1"), values("user.merge.w2"), [0.0] * card["tower_dim"]
    merged = mix(softmax([dot([math.tanh(x) for x in linear(row, w1, none)], w2) for row in h]), h)
    return [a + b for a, b in zip(merged, layer("user.mlp.3", relu(layer("user.mlp.0", merged))))]

def transform(x):
    width, slope = len(x), values("transform.slope")[0]
    unit = math.sqrt(width) / max(1e-3, math.sqrt(dot(x, x)))
    y = linear([v * unit for v in x], values("transform.weight"), values("transform.bias"))
    return [v if v > 0 else slope * v for v in y]

def length(x):
    return math.sqrt(max(1e-6, dot(x, x)))

def finish(z):
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & M64
    z = (z ^ z >> 27) * 0x94D049BB133111EB & M64
    return z ^ z >> 31

def uniform(seed, n):
    return (finish((seed + (n + 1) * 0x9E3779B97F4A7C15) & M64) >> 40) / (1 << 24)

def k_means(points, clusters, seed):
    """Lloyd's from k-means++ starts; the starts follow from the candidate's id."""
    squared = lambda a, b: sum((x - y) ** 2 for x, y in zip(a, b))
    # A product of single precision, as the node's is.
    pick = int(struct.unpack("<f", struct.pack("<f", uniform(seed, 0) * len(points)))[0])
    centres, nearest = [], [math.inf] * len(points)
    for c in range(clusters):
        centres.append(points[pick])
        nearest = [min(n, squared(p, points[pick])) for n, p in zip(nearest, points)]
        at, pick = uniform(seed, c + 1) * sum(nearest) - nearest[0], 0
        while pick < len(points) - 1 and at > 0:
            pick += 1
            at -= nearest[pick]
    assigned = None
    for turn in range(10):
        found = [min(range(clusters), key=lambda c: squared(p, centres[c])) for p in points]
        if turn > 0 and found == assigned:
            break
        assigned = found
        for c in range(clusters):
            own = [p for p, a in zip(points, assigned) if a == c]
            centres[c] = [sum(column) / len(own) for column in zip(*own)] if own else centres[c]
    return assigned

def clusters_of(who, seeds):
    """Of a candidate's seeds: per seed its user, cluster and representation."""
    seen = []
    for user, features in sorted(seeds.items()):
        try:
            seen.append((user, represent(encode(schema["user"], user, features))))
        except BadValue:
            pass  # The node leaves out a seed whose features it cannot read.
    most = card["seed_clusters"]
    if len(seen) <= most:
        assigned = range(len(seen))
    else:
        h = 0x9E3779B97F4A7C15
        for part in (4, xxh64(who)):
            h = finish(h ^ finish((part + 0x9E3779B97F4A7C15) & M64))
        assigned = k_means([transform(r) for _, r in seen], most, h)
    return [(user, cluster, r) for (user, r), cluster in zip(seen, assigned)]

def look_alike(asking, clusters, without):
    """Five numbers: how like the candidate's seeds somebody is; whoever asks is no seed."""
    members = {}
    for user, cluster, representation in clusters:
        if user != without:
            members.setdefault(cluster, []).append(representation)
    n = sum(map(len, members.values()))
    if n == 0:
        return [0.0] * 5
    s = [transform([sum(column) / len(own) for column in zip(*own)]) for own in members.values()]
    sizes = [math.log(len(own)) for own in members.values()]
    target, size = transform(asking), length(transform(asking))
    target = [x / size for x in target]
    if card["model"] == "MeanPooledSeeds":
        logits = [sizes]
    else:
        local, width = values("local.weight"), len(target)
        asked = [dot(target, local[j::width]) for j in range(width)]
        sharp, query, none = values("local.sharpness")[0], values("global.query"), [0.0] * width
        logits = [
            [math.tanh(dot(x, asked) / length(x)) * sharp + size for x, size in zip(s, sizes)],
            [dot([math.tanh(y) for y in linear(x, values("global.weight"), none)], query) + size for x, size in zip(s, sizes)],
        ]
    pooled = [mix(softmax(row), s) for row in logits]
    cosines = [dot(p, target) / length(p) for p in pooled]
    weight = n / (n + card["seed_prior"])
    first, last = cosines[0] * weight, cosines[-1] * weight
    return [3 * (0.7 * first + 0.3 * last), 3 * first, 3 * last, math.log(1 + n) / 3, weight]

def ralm(user, item, context, seeds):
    u, i, wide = layer("profile.user", user), layer("profile.item", item), seeds + context
    hidden = relu(layer("output.0", u + i + product(u, i) + wide))
    return layer("output.3", hidden)[0] + dot(wide, values("wide.weight"))

# ---- from log odds to the probability that is told

def calibrated(z):
    c = card.get("calibration")
    if c is None:
        return z
    z -= math.log(c["positive_weight"])
    if c["method"] == "none":
        return z
    if c["method"] == "platt":
        return c["slope"] * z + c["intercept"]
    if c["method"] != "isotonic":
        refuse(f'calibration {c["method"]}')
    x, y = c["log_odds"], c["calibrated"]
    if z <= x[0] or z >= x[-1]:
        end = 0 if z <= x[0] else -1
        return y[end] + 0.01 * (z - x[end])
    k = next(k for k in range(1, len(x)) if z < x[k])
    return y[k - 1] + (z - x[k - 1]) / (x[k] - x[k - 1]) * (y[k] - y[k - 1])

def sigmoid(z):
    return 1 / (1 + math.exp(-z)) if z > -700 else 0.0

# ---- the request

def snake(x):
    """Protobuf's JSON has either form of a name."""
    if isinstance(x, dict):
        return {re.sub("[A-Z]", lambda c: "_" + c[0].lower(), k): snake(v) for k, v in x.items()}
    return [snake(v) for v in x] if isinstance(x, list) else x

def main():
    request, model = snake(json.load(open(sys.argv[2]))), card["model"]
    who, reciprocal, audiences = request["user_id"], schema.get("reciprocal", False), {}
    unread = {}
    if model not in ("LogisticRegression", "TwoTowerMha", "MeanPooledSeeds", "Ralm"):
        refuse(f"model {model}")
    if not (request.get("user") or {}).get("items"):
        refuse("user has no features: the node would take the stored profile")
    for audience in request.get("audiences", []):
        kept = audiences.setdefault(audience["user_id"], {})
        kept.update({seed["user_id"]: seed.get("features") for seed in audience.get("seeds", [])})
        unread = {**unread, audience["user_id"]: audience.get("more", False)}
    if any(unread.values()):
        refuse("audiences lack a part: " + ", ".join(u for u, more in unread.items() if more))
    user = encode(schema["user"], who, request["user"])
    seeded = model in ("MeanPooledSeeds", "Ralm")
    asking = represent(user) if seeded else None
    own = clusters_of(who, audiences.get(who, {})) if seeded and reciprocal else []
    for c in request["candidates"]:
        candidate = encode(schema["candidate"], c["candidate_id"], c.get("features"))
        context = encode_context(schema, c.get("context"), user, candidate)
        inputs = flat(user), flat(candidate), context
        if model == "LogisticRegression":
            z = layer("linear", sum(inputs, []))[0]
        elif model == "TwoTowerMha":
            z = two_towers(*inputs)
        else:
            numbers = look_alike(asking, clusters_of(c["candidate_id"], audiences.get(c["candidate_id"], {})), who)
            if reciprocal:
                numbers += look_alike(represent(candidate), own, c["candidate_id"])
            z = ralm(*inputs, numbers)
        # As the node rounds it: what is below depends on how many rows are computed at once.
        print(c["candidate_id"], sigmoid(calibrated(round(z * 2**22) / 2**22)))

try:
    main()
except BadValue as bad:
    refuse(str(bad))
