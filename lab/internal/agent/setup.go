// SPDX-License-Identifier: GPL-2.0-or-later

package main

import (
	"fmt"
	"maps"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"govdsm/lab/internal/wire"
)

// setup gives the host its name and its address. It speaks to the kernel
// itself, since under emulation each program started costs a tenth of a second.
func setup(q *wire.Setup) error {
	if err := unix.Sethostname([]byte(q.Name)); err != nil {
		return fmt.Errorf("host name: %w", err)
	}
	if err := os.WriteFile("/etc/hosts", []byte(hostsFile(q.Peers)), 0o644); err != nil {
		return err
	}
	if err := os.MkdirAll("/run/lock", 0o1777); err != nil {
		return err
	}
	if err := linkUp("lo"); err != nil {
		return err
	}
	if q.Address == "" {
		return nil
	}
	prefix, err := netip.ParsePrefix(q.Address)
	if err != nil {
		return err
	}
	if err := setAddress("eth0", prefix); err != nil {
		return fmt.Errorf("address of eth0: %w", err)
	}
	return linkUp("eth0")
}

func hostsFile(peers map[string]string) string {
	var b strings.Builder
	b.WriteString("127.0.0.1 localhost\n::1 localhost ip6-localhost\n")
	for _, name := range slices.Sorted(maps.Keys(peers)) {
		fmt.Fprintf(&b, "%s %s\n", peers[name], name)
	}
	return b.String()
}

func linkUp(name string) error {
	return control(name, func(fd int, ifr *unix.Ifreq) error {
		if err := unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, ifr); err != nil {
			return err
		}
		ifr.SetUint16(ifr.Uint16() | unix.IFF_UP)
		return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, ifr)
	})
}

func setAddress(name string, prefix netip.Prefix) error {
	return control(name, func(fd int, ifr *unix.Ifreq) error {
		if err := ifr.SetInet4Addr(prefix.Addr().AsSlice()); err != nil {
			return err
		}
		if err := unix.IoctlIfreq(fd, unix.SIOCSIFADDR, ifr); err != nil {
			return err
		}
		if err := ifr.SetInet4Addr(net.CIDRMask(prefix.Bits(), 32)); err != nil {
			return err
		}
		return unix.IoctlIfreq(fd, unix.SIOCSIFNETMASK, ifr)
	})
}

func control(name string, do func(fd int, ifr *unix.Ifreq) error) error {
	ifr, err := unix.NewIfreq(name)
	if err != nil {
		return err
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return do(fd, ifr)
}
