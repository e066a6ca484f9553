"""How the peers in Python answer experiments/speed and experiments/front: lines of JSON, one for one.

    {"do": "load", "name", …}         prepares a side     {"version", "way", "bytes"}
    {"do": "run", "name", "runs"}     runs it so often    {"seconds", "logits"}: of a run, the mean; of the last one
    {"do": "forget"}                  drops all sides     {}

What cannot be done is answered by {"error"}, and the others go on. A side may run in several ways; loading it tries
them and keeps the fastest.
"""
import json
import os
import signal
import sys
import time


def fastest(ways):
    """The name of the way that takes the least time. Several take turns: what takes less than a second runs twice."""
    took = {}
    for name, run in ways.items() if len(ways) > 1 else ():
        for _ in range(2):
            begin = time.perf_counter()
            run()
            took[name] = time.perf_counter() - begin
            if took[name] > 1:
                break
    return min(ways, key=lambda name: took.get(name, 0))


def serve(load, forget=lambda: None):
    """Answers until there are no more lines. load makes of a job the ways to run it, functions by name that return
    logits, and a version and the bytes of the weights."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it ends with the program that asks
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print goes to stderr
    loaded = {}

    def answer(job):
        if job["do"] == "forget":
            loaded.clear()
            forget()
            return {}
        if job["do"] == "load":
            ways, version, size = load(job)
            way = fastest(ways)
            loaded[job["name"]] = ways[way]
            return {"version": version, "way": way, "bytes": size}
        begin = time.perf_counter()
        for _ in range(job["runs"]):
            outputs = loaded[job["name"]]()
        return {"seconds": (time.perf_counter() - begin) / job["runs"], "logits": outputs.tolist()}

    for line in sys.stdin:
        try:
            said = answer(json.loads(line))
        except Exception as e:
            said = {"error": f"{type(e).__name__}: {str(e)[:300]}"}
        print(json.dumps(said), file=answers, flush=True)
