# SPDX-License-Identifier: GPL-2.0-or-later
"""What hook scripts written in Python import.

A script finds the document it is about in a file: the XML of the VM or device
in the one that the environment calls _hook_domxml, other data in _hook_json.
What it leaves there is what goes on. Its exit code says how it went: 0 well, 1
not well but the scripts after it shall run, 2 not well and they shall not.
"""

import json
import os
import subprocess
import sys
from xml.dom import minidom

RUN = "/run/vdsm"

FAILED_GO_ON = 1
FAILED = 2


def read_domxml():
    """Return the XML document as xml.dom.minidom has it."""
    return minidom.parse(os.environ["_hook_domxml"])


def write_domxml(domxml):
    """Put a document of minidom in the place of the present one."""
    _replace("_hook_domxml", domxml.toxml(encoding="utf-8"))


def read_json():
    """Return the JSON document."""
    with open(os.environ["_hook_json"], encoding="utf-8") as document:
        return json.load(document)


def write_json(data):
    """Put what can be JSON in the place of the present document."""
    _replace("_hook_json", json.dumps(data).encode("utf-8"))


def _replace(variable, data):
    with open(os.environ[variable], "wb") as document:
        document.write(data)


def log(message):
    """Write a line into the log of vdsmd."""
    print(message, file=sys.stderr)


def exit_hook(message, return_code=FAILED):
    """End the script, saying why."""
    log(message)
    raise SystemExit(return_code)


def tobool(value):
    """Tell whether a custom property or the like says yes."""
    if isinstance(value, str) and value.strip().lower() == "true":
        return True
    try:
        return bool(int(value))
    except (TypeError, ValueError):
        return False


def execCmd(command, sudo=False, cwd=None, data=None, raw=False, env=None, **_):
    """Run a command, a list of words, and return its exit code, output and
    errors: bytes where raw is set, else lists of lines. data is its input.
    Other arguments, which used to tune the process, are taken and ignored.
    """
    command = [str(word) for word in command]
    if sudo:
        command = ["sudo", "-n"] + command
    if isinstance(data, str):
        data = data.encode("utf-8")
    source = {"stdin": subprocess.DEVNULL} if data is None else {"input": data}
    done = subprocess.run(
        command, cwd=cwd, env=env, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, **source)
    if raw:
        return done.returncode, done.stdout, done.stderr
    return done.returncode, done.stdout.splitlines(), done.stderr.splitlines()


def load_vm_launch_flags_from_file(vm_id):
    """Return the flags with which libvirt is going to start the VM."""
    try:
        with open(_launch_flags(vm_id), encoding="ascii") as flags:
            return int(flags.readline())
    except FileNotFoundError:
        return 0


def dump_vm_launch_flags_to_file(vm_id, flags):
    """Say with which flags libvirt shall start the VM."""
    path = _launch_flags(vm_id)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as out:
        out.write(str(int(flags)))


def _launch_flags(vm_id):
    return os.path.join(RUN, vm_id, "launchflags")
