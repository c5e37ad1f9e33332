// SPDX-License-Identifier: GPL-2.0-or-later

package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"govdsm/api"
	"govdsm/client"
	"govdsm/internal/config"
	"govdsm/internal/distro"
	"govdsm/internal/privileged"
)

// libvirt: one of its sockets has to take connections.
func (h *Host) libvirt(ctx context.Context) []Finding {
	var errs []error
	for _, socket := range h.Libvirt {
		var dialer net.Dialer
		conn, err := dialer.DialContext(ctx, "unix", socket)
		if err == nil {
			conn.Close()
			return ok("%s answers", socket)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	err := errors.Join(errs...)
	if errors.Is(err, fs.ErrPermission) {
		return []Finding{{State: Unknown, Text: err.Error(), Next: "sudo vdsm-tool doctor"}}
	}
	f := Finding{State: Failure, Text: "libvirt is not running"}
	if err != nil {
		f.Text += ": " + err.Error()
	}
	if h.Sandbox != "" {
		f.Next = h.startSandbox()
		return []Finding{f}
	}
	for _, name := range distro.LibvirtUnits() {
		if unit := h.Unit(ctx, name); unit.Known {
			f.Since, f.Next = unit.Since, "systemctl start "+name
			return []Finding{f}
		}
	}
	f.Next = h.Distro.Install + " " + h.Distro.Libvirt + " " + h.Distro.QEMU
	return []Finding{f}
}

func (h *Host) supervdsmd(ctx context.Context) []Finding {
	c := privileged.NewClient(h.Supervdsmd)
	defer c.Close()
	_, err := privileged.Call(ctx, c, privileged.Ping, nil)
	switch {
	case err == nil:
		return ok("%s answers", h.Supervdsmd)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, privileged.ErrNotAllowed):
		return []Finding{{State: Unknown, Text: err.Error(), Next: "sudo vdsm-tool doctor"}}
	}
	return []Finding{h.stopped(ctx, "supervdsmd", err)}
}

// vdsmd asks the daemon for the simplest answer, as a manager does.
func (h *Host) vdsmd(ctx context.Context) []Finding {
	o := client.Options{Address: h.VDSM}
	if h.Config.Vars.SSL {
		config, err := h.clientTLS()
		if err != nil {
			return h.portOnly(ctx, err)
		}
		o.TLS = config
	}
	host, err := client.Dial(ctx, o)
	if err != nil {
		return []Finding{h.stopped(ctx, "vdsmd", err)}
	}
	defer host.Close()
	began := time.Now()
	_, err = api.HostPing2.Call(ctx, host, api.NoParams{})
	switch {
	case err == nil:
		return ok("%s answers in %v", h.VDSM, time.Since(began).Round(100*time.Microsecond))
	case errors.Is(err, api.ErrRecoveryInProgress):
		unit := h.Unit(ctx, "vdsmd")
		return []Finding{{State: Warning, Text: "is starting: " + err.Error(), Since: unit.Since, Next: "journalctl -fu vdsmd"}}
	}
	return []Finding{h.stopped(ctx, "vdsmd", err)}
}

// portOnly is what can be said without a certificate to show.
func (h *Host) portOnly(ctx context.Context, why error) []Finding {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", h.VDSM)
	if err != nil {
		return []Finding{h.stopped(ctx, "vdsmd", err)}
	}
	conn.Close()
	return []Finding{{State: Unknown, Text: fmt.Sprintf("%s is open, but cannot be asked: %v", h.VDSM, why), Next: "sudo vdsm-tool doctor"}}
}

// stopped describes a daemon that does not answer.
func (h *Host) stopped(ctx context.Context, name string, err error) Finding {
	f := Finding{State: Failure, Text: err.Error()}
	unit := h.Unit(ctx, name)
	switch {
	case h.Sandbox != "":
		f.Next = h.startSandbox()
	case !unit.Known:
		f.Next = "systemctl status " + name
	case unit.State == "active":
		f.Text = "is running and does not answer: " + f.Text
		f.Next = "journalctl -u " + name + " -n 50"
	case unit.State == "failed":
		f.Since = unit.Since
		f.Next = "journalctl -u " + name + " -n 50; systemctl restart " + name
	default:
		f.Since = unit.Since
		f.Text = "is " + unit.State + ": " + f.Text
		f.Next = "systemctl start " + name
	}
	return f
}

// startSandbox starts everything that a sandbox has.
func (h *Host) startSandbox() string { return "vdsmd --sandbox " + h.Sandbox }

// loopback is where the daemon is reached from the host itself.
func loopback(c *config.Config) string {
	host := c.Addresses.ManagementIP
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, strconv.Itoa(c.Addresses.ManagementPort))
}

// systemdUnit asks systemctl. Where systemd does not run, the unit is unknown.
func systemdUnit(ctx context.Context, name string) Unit {
	cmd := exec.CommandContext(ctx, "systemctl", "show", "--timestamp=unix",
		"--property=LoadState,ActiveState,StateChangeTimestamp", name)
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if err != nil {
		return Unit{}
	}
	var u Unit
	for line := range strings.Lines(string(out)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		switch key {
		case "LoadState":
			u.Known = value == "loaded"
		case "ActiveState":
			u.State = value
		case "StateChangeTimestamp":
			if n, err := strconv.ParseInt(strings.TrimPrefix(value, "@"), 10, 64); err == nil && n > 0 {
				u.Since = time.Unix(n, 0)
			}
		}
	}
	return u
}
