#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Record what Python's configparser makes of ini/*.conf, for the tests.

Run it in this directory after adding a file; the tests need no Python.
"""
import configparser
import glob
import json


def record(path):
    parser = configparser.ConfigParser()
    try:
        parser.read(path, encoding="utf-8")
    except configparser.Error as e:
        if hasattr(e, "lineno"):
            lines = [e.lineno]
        else:
            lines = sorted({number for number, _ in e.errors})
        return {"refused": type(e).__name__, "lines": lines}
    raw, values = {}, {}
    for section in parser.sections():
        raw[section], values[section] = {}, {}
        for option in parser.options(section):
            raw[section][option] = parser.get(section, option, raw=True)
            try:
                values[section][option] = parser.get(section, option)
            except configparser.Error:
                values[section][option] = None
    return {"raw": raw, "values": values}


for path in sorted(glob.glob("ini/*.conf")):
    with open(path[:-5] + ".json", "w", encoding="utf-8") as f:
        json.dump(record(path), f, indent=1, ensure_ascii=False, sort_keys=True)
        f.write("\n")
