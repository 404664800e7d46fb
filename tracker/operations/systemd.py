"""What systemd and we tell each other: the state of the service, and the unit that it is run by.

Touches the socket that systemd names in the environment.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

UNIT: Final = """\
# /etc/systemd/system/tracker.service, printed by `tracker service-unit`
[Unit]
Description=Article-update tracker
After=network-online.target
Wants=network-online.target

[Service]
Type=notify
ExecStart={command} --config {config} run
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=5
WatchdogSec=120
TimeoutStopSec=30
KillMode=mixed
User={user}
# Passwords and tokens that the configuration names as ${{NAME}}: lines of NAME=VALUE, for root's eyes only.
EnvironmentFile=-/etc/tracker/environment
WorkingDirectory={folder}
ReadWritePaths={writes}
UMask=0027

# It reads the network and writes its folder; nothing else of the system is its business.
ProtectSystem=strict
ProtectHome={home}
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
ProtectHostname=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectProc=invisible
ProcSubset=pid
NoNewPrivileges=yes
RestrictSUIDSGID=yes
RestrictNamespaces=yes
RestrictRealtime=yes
LockPersonality=yes
CapabilityBoundingSet=
AmbientCapabilities=
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
MemoryMax=2G
TasksMax=512

[Install]
WantedBy=multi-user.target
"""


def unit_for(command: str, config: Path, user: str, writes: Sequence[Path]) -> str:
    """Write the unit.

    Args:
        command: The program.
        config: Its configuration.
        user: Who it runs as.
        writes: Folders that it writes.
    """
    folders = sorted({str(folder) for folder in writes})
    in_home = any(place.startswith("/home/") for place in (command, str(config), *folders))
    return UNIT.format(
        command=command,
        config=_quoted(str(config)),
        user=user,
        folder=_quoted(str(config.parent)),
        writes=" ".join(map(_quoted, folders)),
        home="read-only" if in_home else "yes",
    )


def _quoted(path: str) -> str:
    return f'"{path}"' if " " in path else path


def notify(state: str, environ: Mapping[str, str] = os.environ) -> None:
    """Tell systemd how the service does, where it was started by systemd (sd_notify(3)): "READY=1"."""
    address = environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):  # a name, and no file
        address = f"\0{address[1:]}"
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as opened:
        opened.sendto(state.encode(), address)
