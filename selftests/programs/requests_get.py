# SPDX-License-Identifier: GPL-2.0
"""requests_get.py DIR URL THREADS NAME...: each thread gets all files."""

import concurrent.futures
import os
import sys

import requests

directory, url, threads, *names = sys.argv[1:]


def get_all(_):
    with requests.Session() as session:
        for name in names:
            answer = session.get(f"{url}/{name}", timeout=100)
            answer.raise_for_status()
            yield name, answer.content


def get(number):
    return dict(get_all(number))


with concurrent.futures.ThreadPoolExecutor(int(threads)) as pool:
    results = list(pool.map(get, range(int(threads))))
if any(result != results[0] for result in results):
    sys.exit("not all have got the same")
for name, content in results[0].items():
    with open(os.path.join(directory, name), "wb") as f:
        f.write(content)
