#!/usr/bin/env python3
"""Writes a small database with a host as it is now, so that later releases can be tried on it.

    tests/Databases/write.py artifacts/bin/ClusterHost/release/ralm-host tests/Databases/0.2.0

Every region is written to, the process is killed (SIGKILL), and beside the database stand the commands that were
acknowledged and the answers that were given: a later release must recognise the ones and give the others.
OldDatabaseSpecs does that for every folder beside this file. Only the standard library.
"""

import gzip
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

KEY = "key-of-a-spec-1234"
PEOPLE = 60


def table(path, head, rows):
    with open(path, "w", encoding="utf-8") as out:
        out.write(",".join(head) + "\n")
        out.writelines(",".join(map(str, row)) + "\n" for row in rows)


def town(folder):
    """People like those of about their age; enough rows to train on in a second."""
    os.makedirs(folder)
    table(f"{folder}/users.csv", ["id", "age", "city"], [(f"u{i}", 20 + i % 30, "north" if i % 3 else "south") for i in range(PEOPLE)])
    swipes, state = [], 12345
    for n in range(900):
        state = (state * 1103515245 + 12345) % 2**31
        who, whom = state // 7 % PEOPLE, state // 911 % PEOPLE
        if who != whom:
            near = abs(who % 30 - whom % 30) < 8
            swipes.append((f"u{who}", f"u{whom}", int(near != (state % 10 == 0))))
    table(f"{folder}/swipes.csv", ["who", "whom", "liked"], swipes)
    with open(f"{folder}/dataset.json", "w", encoding="utf-8") as out:
        json.dump(
            {
                "name": "town",
                "users": {"file": "users.csv", "key": "id", "columns": {"age": {"type": "number"}, "city": {"type": "category"}}},
                "interactions": {"file": "swipes.csv", "user": "who", "candidate": "whom", "label": "liked", "columns": {}},
                "split": {"rule": "random", "valid": 0.15, "test": 0.15},
            },
            out,
        )


class Node:
    def __init__(self, host, data):
        self.host, self.data = host, data
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        self.accepted, self.answers = [], []

    def start(self):
        environment = dict(os.environ, RALM__HTTP__API_KEYS=KEY, RALM__LOGGING__LEVEL="error", RALM__MONITOR__INTERVAL="3600", RALM__NODE__NAME="node-of-old")
        self.process = subprocess.Popen(
            [self.host, "up", "--data", self.data, "--urls", self.url], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.wait(lambda: self.call("GET", "/health/ready")[0] == 200, "ready")

    def call(self, method, path, body=None):
        request = urllib.request.Request(self.url + path, method=method, headers={"X-Api-Key": KEY, "Content-Type": "application/json"})
        if body is not None:
            request.data = json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, timeout=15) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as e:
            return e.code, e.read().decode()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return 0, ""

    def wait(self, holds, what, seconds=120):
        for _ in range(seconds * 5):
            if holds():
                return
            time.sleep(0.2)
        raise SystemExit(f"gave up waiting: {what}")

    def post(self, path, id, body, remember=True):
        """A command, repeated until it is acknowledged, as every sender does."""
        body = {"header": {"command_id": id}, **body}
        for _ in range(60):
            status, text = self.call("POST", path, body)
            if status == 200:
                if remember:
                    self.accepted.append({"path": path, "body": body, "reply": json.loads(text)})
                return json.loads(text)
            if 400 <= status < 500 and status not in (408, 429):
                raise SystemExit(f"{path} {body}: {status} {text}")
            time.sleep(0.5)
        raise SystemExit(f"{path}: never acknowledged")

    def get(self, path):
        status, text = self.call("GET", path)
        return json.loads(text) if status == 200 else None

    def keep(self, path):
        """An answer that a later release must give as well."""
        answer = self.get(path)
        if answer is None:
            raise SystemExit(f"{path}: no answer")
        self.answers.append({"path": path, "answer": answer})

    def kill(self):
        self.process.kill()
        self.process.wait()


def features(person):
    return {"items": [{"name": "age", "number": 20 + person % 30}, {"name": "city", "text": "north" if person % 3 else "south"}]}


def write(node, prepared):
    node.post("/training/runs", "run-1", {
        "run_id": "first", "dataset_path": prepared["dataset_path"], "dataset_hash": prepared["dataset_hash"], "family": "town", "version_id": "town-1",
        "config": {"model": {"model": "LogisticRegression"}, "max_epochs": 3, "random_seed": 7}})
    node.post("/training/runs", "run-2", {
        "run_id": "second", "dataset_path": prepared["dataset_path"], "dataset_hash": prepared["dataset_hash"], "family": "town", "version_id": "town-2",
        "config": {"model": {"model": "TwoTowerMha", "tower_dim": 8, "hidden_dim": 8, "heads": 2}, "max_epochs": 2}})
    for run in ("first", "second"):
        node.wait(lambda: (node.get(f"/training/runs/{run}") or {}).get("registered"), f"run {run} is registered")
    node.post("/training/registry/town/stages", "stage-1", {"family": "town", "version_id": "town-1", "stage": "CHAMPION"})
    node.post("/training/studies", "study-1", {
        "study_id": "small", "definition": {
            "dataset_path": prepared["dataset_path"], "dataset_hash": prepared["dataset_hash"], "trials": 2, "method": "RANDOM",
            "config": {"model": {"model": "LogisticRegression"}, "max_epochs": 1},
            "parameters": [{"path": "optimizer.learning_rate", "continuous": {"low": 0.001, "high": 0.1, "log": True}}]}})
    version = next(v for v in node.get("/training/registry/town")["versions"] if v["version_id"] == "town-1")
    for lineage in ("champion", "arm-b"):
        node.post("/training/lineages", f"open-{lineage}", {
            "lineage_id": lineage, "family": "town", "version_id": "town-1", "base": version["artifact"], "batch_size": 8, "checkpoint_every": 3})
    for person in range(12):
        node.post(f"/training/users/u{person}/profile", f"profile-{person}", {"profile": features(person)})
    for n in range(120):
        user, candidate = n % 12, 12 + n * 7 % 30
        node.post(f"/training/users/u{user}/interactions", f"swipe-{n}", {
            "candidate_id": f"u{candidate}", "label": int(abs(user % 30 - candidate % 30) < 8), "candidate": features(candidate),
            "lineage_ids": ["champion", "arm-b"] if n % 3 == 0 else ["champion"], "occurred_at": "2026-11-01T12:00:00Z"})
    node.post("/training/ab-testing", "create-1", {"experiment_id": "fresh", "definition": {
        "family": "town", "metric": "match",
        "arms": [{"name": "old", "weight": 5000, "version_id": "town-1"}, {"name": "new", "weight": 5000, "version_id": "town-2"}]}})
    node.post("/training/ab-testing/fresh/start", "start-1", {})
    for n in range(60):
        unit = f"u{n}"
        node.post("/training/ab-testing/fresh/exposures", f"shown-{n}", {"unit": unit})
        if n % 3 == 0:
            node.post("/training/ab-testing/fresh/outcomes", f"done-{n}", {"unit": unit, "metric": "match", "value": 1})
    node.post("/training/monitor/app:town/rules", "rules-1", {"rules": [
        {"rule_id": "slow", "metric": "wait_seconds", "comparison": "ABOVE", "threshold": 2, "severity": "WARNING"}]})
    for n in range(20):
        node.post("/training/monitor/app:town/samples", f"look-{n}", {
            "at": f"2026-11-01T12:{n:02d}:00Z", "points": [{"name": "wait_seconds", "value": n / 5}, {"name": "visits", "value": n}]})


def settled(node):
    learned = lambda: all(node.get(f"/training/users/u{u}")["samples_pending"] == "0" for u in range(12))
    node.wait(learned, "all samples are learned")
    node.wait(lambda: node.get("/training/studies/small")["status"].endswith("COMPLETED"), "the study is over")
    node.wait(lambda: sum(int(a["units"]) for a in node.get("/training/ab-testing/fresh")["current"]["arms"]) == 60, "cells have reported")
    for lineage in ("champion", "arm-b"):
        node.post(f"/training/lineages/{lineage}/checkpoints", f"checkpoint-{lineage}", {}, remember=False)
    base = next(v for v in node.get("/training/registry/town")["versions"] if v["version_id"] == "town-1")
    node.post("/training/registry/town/versions", "register-3", {
        "version_id": "town-3", "artifact": node.get("/training/lineages/champion")["checkpoint"], "dataset_hash": base["dataset_hash"],
        "schema_id": base["schema_id"], "produced_by": "lineage:champion", "parent_version_id": "town-1"})
    node.post("/training/models/town/versions/town-3/evaluate", "judge-3", {}, remember=False)
    judged = lambda: next(v for v in node.get("/training/registry/town")["versions"] if v["version_id"] == "town-3")["evaluations"]
    node.wait(judged, "town-3 is judged", 60)


def fill(node, prepared):
    write(node, prepared)
    settled(node)
    # Acknowledged and perhaps not learned when the process ends: a later release finishes it.
    for n in range(120, 126):
        node.post(f"/training/users/u{n % 12}/interactions", f"swipe-{n}", {"candidate_id": "u40", "label": 1, "candidate": features(40), "lineage_ids": ["champion"]})
    for path in ["/training/runs/first", "/training/runs/second", "/training/studies/small", "/training/registry/town", "/training/ab-testing/fresh",
                 "/training/monitor/app:town/alerts", "/training/monitor/app:town/series?metric=wait_seconds&from=2026-11-01T12:00:00Z&to=2026-11-01T13:00:00Z",
                 "/training/models/town/evaluations", "/training/users/u20/audience"]:
        node.keep(path)
    for cell in range(16):
        if node.get(f"/training/ab-testing/fresh/cells/{cell}"):
            node.keep(f"/training/ab-testing/fresh/cells/{cell}")


def main(host, out):
    work = tempfile.mkdtemp(prefix="ralm-database-")
    town(f"{work}/town")
    made = subprocess.run([host, "prepare", "--data", f"{work}/town/dataset.json", "--to", f"{work}/prepared", "--json"], check=True, capture_output=True, text=True)
    prepared = json.loads(made.stdout.strip().splitlines()[-1])
    node = Node(host, f"{work}/data")
    node.start()
    try:
        fill(node, prepared)
    finally:
        node.kill()
    replayed = {lineage: json.loads(subprocess.run([host, "replay", "--lineage", lineage, "--data", f"{work}/data", "--json"], check=True, capture_output=True, text=True).stdout.strip().splitlines()[-1])
                for lineage in ("champion", "arm-b")}
    database = sqlite3.connect(f"{work}/data/ralm.db")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.execute("PRAGMA journal_mode=DELETE")
    database.execute("VACUUM")
    database.close()
    shutil.rmtree(out, ignore_errors=True)
    os.makedirs(f"{out}/models")
    with open(f"{work}/data/ralm.db", "rb") as file, gzip.GzipFile(f"{out}/ralm.db.gz", "wb", 9, mtime=0) as packed:
        packed.write(file.read())
    for name in os.listdir(f"{work}/data/models"):
        if os.path.isfile(f"{work}/data/models/{name}"):
            shutil.copy(f"{work}/data/models/{name}", f"{out}/models/{name}")
    with gzip.GzipFile(f"{out}/told.json.gz", "wb", 9, mtime=0) as told:
        told.write(json.dumps({"accepted": node.accepted, "answers": node.answers, "replayed": replayed}, indent=1).encode())
    print(out, sum(os.path.getsize(os.path.join(d, f)) for d, _, files in os.walk(out) for f in files), "bytes,", len(node.accepted), "commands,", len(node.answers), "answers")
    shutil.rmtree(work)


if __name__ == "__main__":
    main(os.path.abspath(sys.argv[1]), sys.argv[2])
