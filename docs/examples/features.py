"""How raw features become a model's numbers: the feature schema of a model file, as a node reads it. Used by score.py."""

import array, base64, math, struct, sys, unicodedata
from collections import Counter

M64 = (1 << 64) - 1

class BadValue(Exception):
    """Of another kind than the schema's."""

def refuse(what):
    sys.exit("score.py: " + what)

# ---- hashing: xxHash64 of the UTF-8 bytes, seed 0

def xxh64(text):
    p1, p2, p3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
    p4, p5, b = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5, text.encode()
    rotate = lambda x, n: ((x << n) | (x >> (64 - n))) & M64
    turn = lambda v, lane: rotate((v + lane * p2) & M64, 31) * p1 & M64
    at, h = 0, p5
    if len(b) >= 32:
        v = [(p1 + p2) & M64, p2, 0, -p1 & M64]
        while at + 32 <= len(b):
            v = [turn(x, lane) for x, lane in zip(v, struct.unpack_from("<4Q", b, at))]
            at += 32
        h = sum(rotate(x, n) for x, n in zip(v, (1, 7, 12, 18))) & M64
        for x in v:
            h = ((h ^ turn(0, x)) * p1 + p4) & M64
    h = (h + len(b)) & M64
    while at + 8 <= len(b):
        h = (rotate(h ^ turn(0, struct.unpack_from("<Q", b, at)[0]), 27) * p1 + p4) & M64
        at += 8
    if at + 4 <= len(b):
        h, at = (rotate(h ^ struct.unpack_from("<I", b, at)[0] * p1 & M64, 23) * p2 + p3) & M64, at + 4
    for byte in b[at:]:
        h = rotate(h ^ byte * p5 & M64, 11) * p1 & M64
    h = (h ^ h >> 33) * p2 & M64
    h = (h ^ h >> 29) * p3 & M64
    return h ^ h >> 32

def words(text):
    """Runs of letters and digits, in lower case; .NET sees characters beyond the basic plane as neither."""
    letter = lambda c: ord(c) < 0x10000 and (unicodedata.category(c)[0] == "L" or unicodedata.category(c) == "Nd")
    lower = lambda c: c.lower() if len(c.lower()) == 1 else c
    return "".join(lower(c) if letter(c) else " " for c in text).split(" ")

# ---- features

def clip(x, low=-10.0, high=10.0):
    return min(high, max(low, x))

def rank(knots, x):
    """-1 to 1 among the training values; a value that fills several ranks gets the middle of them."""
    below, up_to, last = sum(k < x for k in knots), sum(k <= x for k in knots), len(knots) - 1
    if up_to > below:
        return (below + up_to - 1) / last - 1
    if below in (0, len(knots)):
        return -1.0 if below == 0 else 1.0
    low, high = knots[below - 1], knots[below]
    return 2 * (below - 1 + (x - low) / (high - low)) / last - 1

def number(spec, x):
    scaling = spec.get("scaling", "standard")
    if scaling == "quantile":
        return rank(spec["knots"], x)
    if scaling not in ("standard", "min_max"):
        refuse(f'{spec["name"]} has scaling {scaling}')
    return clip((x - spec["mean"][0]) * spec["scale"][0], *((0.0, 1.0) if scaling == "min_max" else ()))

def time(seconds):
    week = 7 * 86400
    at = (seconds + 3 * 86400) % week
    day, turn = 2 * math.pi * at / 86400, 2 * math.pi * at / week
    return [math.sin(day), math.cos(day), math.sin(turn), math.cos(turn), float(at >= 5 * 86400)]

def latent(spec, tags, part):
    """The sum of the tags' vectors, weighted by log count and rarity, over the length of the weights."""
    space, width = spec["latent"], spec["latent"]["dimensions"]
    halves = lambda text: [x[0] for x in struct.iter_unpack("<e", base64.b64decode(text))]
    rarity, vectors, norm = halves(space["rarity"]), halves(space["vectors"]), 0.0
    places = {tag: k for k, tag in enumerate(spec["vocabulary"])}
    for tag, times in Counter(tags).items():
        if tag in places:
            weight, k = math.log(1 + times) * rarity[places[tag]], places[tag] * width
            norm += weight * weight
            for d in range(width):
                part[d] += weight * vectors[k + d]
    if norm == 0:
        part[-1] = 1.0
    else:
        part[:width] = [x / math.sqrt(norm) for x in part[:width]]

VALUE = dict(number="number", time="number", category="text", hashed="text", id="text", tokens="text", position="position")

def encode_one(spec, f):
    kind, part = spec["kind"], [0.0] * spec["width"]
    if kind not in VALUE and kind not in ("tags", "latent", "bag"):
        refuse(f'{spec["name"]} is a {kind}')
    has = next((k for k in ("number", "text", "texts", "position") if k in (f or {})), None)
    if has is None:
        if kind != "bag":
            part[-1] = 1.0
        return part
    if has != VALUE.get(kind, "texts"):
        raise BadValue(f'feature "{spec["name"]}" is a {has}, the schema has a {kind}')
    x, place, vocabulary = f[has], None, spec["vocabulary"]
    if kind == "number":
        part[0] = number(spec, float(x))
    elif kind == "position":
        for k, axis in enumerate(("latitude", "longitude")):
            part[k] = clip((x[axis] - spec["mean"][k]) * spec["scale"][k])
    elif kind == "time":
        part[:5] = time(float(x))
    elif kind == "latent":
        latent(spec, x.get("values", []), part)
    elif kind == "category":
        part[vocabulary.index(x) if x in vocabulary else len(vocabulary)] = 1.0
    elif kind in ("hashed", "id"):
        part[xxh64(x) % spec["buckets"]] = 1.0
    elif kind == "tokens":
        found = [w for w in words(x) if w]
        for word in found:
            part[xxh64(word) % spec["buckets"]] += 1.0 / len(found)
    elif kind == "tags":
        tags = x.get("values", [])
        for tag in tags:
            part[vocabulary.index(tag) if tag in vocabulary else len(vocabulary)] += 1.0 / len(tags)
    return part

def encode(side, who, features):
    """The numbers of one side of a schema, per feature, and the raw values by name."""
    known = {}
    for f in (features or {}).get("items", []):
        if known.setdefault(f["name"], f) is not f:
            refuse(f'feature "{f["name"]}" is there twice')
    own = {"text": who} if who else None
    parts = {
        spec["name"]: array.array("f", encode_one(spec, own if spec["kind"] == "id" else known.get(spec["name"])))
        for spec in side["features"]
    }
    return parts, known

# ---- pairs: what a feature of either side has to do with the other's

def cell(p):
    return "/".join(str(math.floor(p[axis] * 100)) for axis in ("latitude", "longitude"))

def overlap(pair, a, b):
    frequencies, people = {}, pair["frequencies"]["people"]
    for tag, n in zip(pair["frequencies"]["tags"], pair["frequencies"]["counts"]):
        frequencies.setdefault(tag, n)
    rarity = lambda tag: math.log((people + 1) / frequencies.get(tag, 2))
    weights = [{tag: math.log(1 + n) * rarity(tag) for tag, n in Counter(bag["texts"].get("values", [])).items()} for bag in (a, b)]
    common = [tag for tag in weights[0] if tag in weights[1]]
    norms = math.prod(math.sqrt(sum(w * w for w in bag.values())) for bag in weights)
    mine, theirs = (math.log(1 + len(bag)) for bag in weights)
    union = len(weights[0]) + len(weights[1]) - len(common)
    return [
        math.log(1 + len(common)),
        len(common) / union if union else 0.0,
        sum(1 / math.log(1 + frequencies.get(tag, 2)) for tag in common),
        sum(weights[0][tag] * weights[1][tag] for tag in common) / norms if norms else 0.0,
        mine + theirs,
        abs(mine - theirs),
    ]

def distance(a, b):
    lat, lon = (a["latitude"], b["latitude"]), (a["longitude"], b["longitude"])
    (p, q), east = map(math.radians, lat), math.radians(lon[1] - lon[0])
    half = math.sin((q - p) / 2) ** 2 + math.cos(p) * math.cos(q) * math.sin(east / 2) ** 2
    bearing = math.atan2(math.sin(east) * math.cos(q), math.cos(p) * math.sin(q) - math.sin(p) * math.cos(q) * math.cos(east))
    kilometres = 2 * 6371.0088 * math.asin(min(1.0, math.sqrt(half)))
    return [math.log(1 + kilometres), float(cell(a) == cell(b)), math.sin(bearing), math.cos(bearing)]

def same_cell(a, b):
    visits = [{cell(f["position"]): 1} if "position" in f else Counter(f["texts"].get("values", [])) for f in (a, b)]
    both = [(visits[0][c], visits[1][c]) for c in visits[0] if c in visits[1]]
    matched, fewer = sum(map(min, both)), min(sum(v.values()) for v in visits)
    most = max(map(min, both), default=0)
    return [
        math.log(1 + matched),
        math.log(1 + sum(m * n for m, n in both)),
        matched / fewer if fewer else 0.0,
        math.log(1 + most),
    ]

def similarity(a, b):
    dot, aa, bb = (sum(x * y for x, y in zip(v, w)) for v, w in ((a, b), (a, a), (b, b)))
    return [dot / math.sqrt(aa * bb) if aa and bb else 0.0, dot / len(a)]

def compare(pair, user, candidate):
    """The pair's numbers; None where a side lacks the feature."""
    (parts, known), (other_parts, other_known) = user, candidate
    a, b, kind = known.get(pair["user"], {}), other_known.get(pair["candidate"], {}), pair["kind"]
    both = lambda *has: all(any(h in f for h in has) for f in (a, b))
    if kind == "overlap":
        return overlap(pair, a, b) if both("texts") else None
    if kind == "distance":
        return distance(a["position"], b["position"]) if both("position") else None
    if kind == "same_cell":
        return same_cell(a, b) if both("texts", "position") else None
    if kind == "similarity":
        v, w = parts.get(pair["user"], []), other_parts.get(pair["candidate"], [])
        return similarity(v, w) if both("number", "text", "texts", "position") and len(v) == len(w) > 0 else None
    refuse(f'pair {pair["name"]} is a {kind}')

def encode_context(schema, features, user, candidate):
    row = flat(encode(schema["context"], "", features))
    for pair in schema.get("pairs") or []:
        found = compare(pair, user, candidate)
        if found is None:
            row += [0.0] * len(pair["mean"]) + [1.0]
        else:
            row += array.array("f", [clip((x - m) * s) for x, m, s in zip(found, pair["mean"], pair["scale"])] + [0.0])
    return row

def flat(encoded):
    return [x for part in encoded[0].values() for x in part]
