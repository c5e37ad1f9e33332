// SPDX-License-Identifier: GPL-2.0-or-later

package network

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/client"
	"govdsm/internal/pki"
)

// attrs are a network, a bond or the options of a request.
type attrs map[string]any

// with returns the attributes with others on top, given as pairs.
func (a attrs) with(pairs ...any) attrs {
	b := attrs{}
	for k, v := range a {
		b[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == nil {
			delete(b, pairs[i].(string))
		} else {
			b[pairs[i].(string)] = pairs[i+1]
		}
	}
	return b
}

type (
	networks map[string]attrs
	bonds    map[string]attrs
)

// gone is what removes a network or a bond.
func gone() attrs { return attrs{"remove": true} }

// patience bounds every wait for what must come.
const patience = 60 * time.Second

// machine is the lab host that the suite runs in, before any case.
type machine struct {
	manager *client.Host
	before  inventory
	// ip(8): with no family, IPv4 and IPv6
	shell, four, six *ipShell
}

func newMachine(t *testing.T) *machine {
	name, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	source, err := pki.Open(pki.At(pki.DefaultDir), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, err := client.Dial(ctx, client.Options{Address: net.JoinHostPort(name, "54321"), TLS: source.Client(), Reconnect: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	m := &machine{manager: c, shell: startIP(t), four: startIP(t, "-4"), six: startIP(t, "-6")}
	m.before = m.inventory(t)
	return m
}

// host is the machine for one case.
type host struct {
	*testing.T
	*machine
	sw    string
	caps  capabilities // since the last call
	cards int          // made so far
}

const nameservers = "nameserver 192.0.2.53\n"

func (m *machine) host(t *testing.T, sw string) *host {
	h := &host{T: t, machine: m, sw: sw}
	if err := os.WriteFile("/etc/resolv.conf", []byte(nameservers), 0o644); err != nil {
		t.Fatal(err)
	}
	h.refresh()
	return h
}

// nic returns a card for the case: a dummy, which VDSM takes for one by its
// name.
func (h *host) nic(i int) string {
	h.Helper()
	var lines []string
	for ; h.cards <= i; h.cards++ {
		lines = append(lines, fmt.Sprintf("link add dummy_%d group %d type dummy", h.cards, group))
	}
	if lines != nil {
		h.script(strings.Join(lines, "\n"))
	}
	return fmt.Sprintf("dummy_%d", i)
}

// group is that of our dummies, so that they can be deleted without names.
const group = 771

// script has the ip that is there carry out lines. It remembers the indexes of
// links, so the lines must not name any that was there before.
func (h *host) script(lines string) {
	h.Helper()
	if err := h.shell.do(lines); err != nil {
		h.Fatalf("%s: %v", lines, err)
	}
}

// nics returns cards 0 to n-1.
func (h *host) nics(n int) []string {
	h.Helper()
	h.nic(n - 1)
	var names []string
	for i := range n {
		names = append(names, h.nic(i))
	}
	return names
}

// ip runs lines of ip(8), as an administrator.
func (h *host) ip(lines string) {
	h.Helper()
	h.sh("ip -batch - <<'END'\n" + lines + "\nEND")
}

// sh runs a script, as an administrator, and returns what it prints.
func (h *host) sh(script string) string {
	h.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience) // also in cleaning
	defer cancel()
	out, err := exec.CommandContext(ctx, "bash", "-euc", script).CombinedOutput()
	if err != nil {
		h.Fatalf("%s: %v\n%s", script, err, out)
	}
	return strings.TrimSpace(string(out))
}

// call calls a verb as a manager does.
func (h *host) call(verb string, params any) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*patience)
	defer cancel()
	return h.manager.Request(client.WithFlow(ctx, h.Name()), verb, params)
}

// request calls Host.setupNetworks. The connectivity is not checked unless the
// options say so.
func (h *host) request(n networks, b bonds, options attrs) error {
	if options == nil {
		options = attrs{"connectivityCheck": false}
	}
	_, err := h.call("Host.setupNetworks", attrs{
		"networks": h.switched(n), "bondings": h.switched(b), "options": options,
	})
	return err
}

// switched fills the switch type in.
func (h *host) switched(m map[string]attrs) map[string]attrs {
	out := make(map[string]attrs, len(m))
	for name, a := range m {
		_, removed := a["remove"]
		_, given := a["switch"]
		if !removed && !given {
			a = a.with("switch", h.sw)
		}
		out[name] = a
	}
	return out
}

// setup makes a change that must succeed, and looks whether what is stored, the
// capabilities and the kernel agree about it.
func (h *host) setup(n networks, b bonds) {
	h.Helper()
	h.setupWith(n, b, nil)
}

// setupWith is setup with options.
func (h *host) setupWith(n networks, b bonds, options attrs) {
	h.Helper()
	if err := h.request(n, b, options); err != nil {
		h.Fatalf("setupNetworks(%s, %s): %v", short(n), short(b), err)
	}
	h.refresh()
	h.agree()
}

// refused makes a change that must fail with the code, and leave everything as
// it was.
func (h *host) refused(code int, n networks, b bonds) {
	h.Helper()
	h.refusedWith(code, n, b, nil)
}

// refusedWith is refused with options. It returns the error's text.
func (h *host) refusedWith(code int, n networks, b bonds, options attrs) string {
	h.Helper()
	before, stored := takeInventory(h), h.stored()
	err := h.request(n, b, options)
	var said *api.Error
	if !errors.As(err, &said) || said.Number != code {
		h.Fatalf("setupNetworks(%s, %s): error is %v, not of code %d", short(n), short(b), err, code)
	}
	h.same(before, "refused")
	if after := h.stored(); after != stored {
		h.Errorf("stored before:\n%s\nafter:\n%s", stored, after)
	}
	h.refresh()
	h.agree()
	return said.Error()
}

// same fails the test unless the kernel is as in the inventory.
func (h *host) same(before inventory, when string) {
	h.Helper()
	if diff := before.diff(takeInventory(h)); diff != "" {
		h.Errorf("%s, and the kernel changed:\n%s", when, diff)
	}
}

// stored is the running configuration as text, "" for none.
func (h *host) stored() string {
	h.Helper()
	c, lines := h.config(), []string{}
	for kind, m := range map[string]map[string]attrs{"network": c.networks, "bond": c.bonds, "device": c.devices} {
		for name, a := range m {
			lines = append(lines, kind+" "+name+" "+text(a))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// refresh asks for the capabilities.
func (h *host) refresh() {
	h.Helper()
	raw, err := h.call("Host.getNetworkCapabilities", attrs{})
	if err != nil {
		h.Fatal(err)
	}
	h.caps = capabilities{}
	if err := json.Unmarshal(raw, &h.caps); err != nil {
		h.Fatalf("capabilities: %v\n%s", err, raw)
	}
}

// clean removes what the case has left, through the wire as far as it was made
// so, and looks whether anything else stays.
func (h *host) clean() {
	h.Helper()
	n, b := networks{}, bonds{}
	for name := range h.config().networks {
		n[name] = gone()
	}
	for name := range h.config().bonds {
		b[name] = gone()
	}
	if len(n)+len(b) > 0 {
		if err := h.request(n, b, nil); err != nil {
			h.Errorf("cleaning: %v", err)
		}
	}
	if stored := h.stored(); stored != "" {
		h.Errorf("stored when all is removed:\n%s", stored)
	}
	h.forget()
	h.same(h.before, "the case has ended")
}

// forget deletes links that the case, or a failure, left.
func (h *host) forget() {
	h.Helper()
	if h.cards > 0 {
		err := h.shell.do(fmt.Sprintf("link del group %d", group))
		if err != nil && !strings.Contains(err.Error(), "No such device") { // the case may have deleted them
			h.Error(err)
		}
	}
	var lines []string
	for name, l := range takeInventory(h).Links {
		if _, known := h.before.Links[name]; known {
			continue
		}
		if !strings.HasPrefix(name, "veth_") && !strings.HasPrefix(name, "tap_") {
			h.Errorf("left: %+v", l)
			h.sh("rm -rf " + running + "*")
		}
		if l.Base == "" && l.Kind != "veth" || strings.HasSuffix(name, "a") {
			lines = append(lines, "link del "+name)
		}
	}
	if len(lines) > 0 {
		h.ip(strings.Join(lines, "\n"))
	}
}

// sysfs reads a file of a link's folder in sysfs.
func (h *host) sysfs(path string) string {
	h.Helper()
	b, err := os.ReadFile(filepath.Join("/sys/class/net", path))
	if err != nil {
		h.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// short is text for messages.
func short(v any) string {
	s := text(v)
	return s[:min(len(s), 400)]
}
