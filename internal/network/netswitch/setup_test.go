// SPDX-License-Identifier: GPL-2.0-or-later

package netswitch_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"govdsm/api"
	"govdsm/internal/dispatch"
	"govdsm/internal/network/setup"
	"govdsm/internal/privileged"
	"govdsm/internal/supervdsm"
	"govdsm/lab"
)

// host is vdsmd's table of verbs and a supervdsmd, over their socket.
type host struct {
	t      *testing.T
	dir    string
	table  *dispatch.Table
	client *privileged.Client
	setup  *setup.Setup
	stop   func()

	datapath string // of Open vSwitch
}

type root struct{ client *privileged.Client }

func (r root) Setup(ctx context.Context, p *api.HostSetupNetworksParams) error {
	_, err := privileged.Call(ctx, r.client, privileged.NetworkApply, p)
	return err
}

func (r root) SetSafe(ctx context.Context) error {
	_, err := privileged.Call(ctx, r.client, privileged.NetworkSave, nil)
	return err
}

func (r root) ChangeNumVFs(ctx context.Context, device string, count uint64) error {
	_, err := privileged.Call(ctx, r.client, privileged.NetworkNumVFs, &privileged.NumVFsParams{Device: device, Count: count})
	return err
}

// onHost runs the body in an empty network with two cards.
func onHost(t *testing.T, body func(h *host)) {
	t.Helper()
	onHostWith(t, "", body)
}

func onHostWith(t *testing.T, datapath string, body func(h *host), features ...lab.Feature) {
	t.Helper()
	lab.Needs(t, append(features, lab.Bridge, lab.Veth)...).Run(func(t *testing.T) {
		h := &host{t: t, dir: t.TempDir(), datapath: datapath}
		h.ip(`link add veth_0 type veth peer name peer0
			link add veth_1 type veth peer name peer1
			link set peer0 up
			link set peer1 up`)
		for path, text := range map[string]string{"etc/resolv.conf": "nameserver 192.0.2.53\n", "etc/vdsm/vdsm.conf": ""} {
			path = filepath.Join(h.dir, "root", path)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		h.start()
		h.client = privileged.NewClient(filepath.Join(h.dir, "run", "svdsm.sock"))
		t.Cleanup(func() { h.client.Close() })
		h.setup = setup.New(setup.Options{Root: root{h.client}, ClientLog: filepath.Join(h.dir, "run", "client.log")})
		h.table = dispatch.NewTable(dispatch.Checker{})
		h.setup.Bind(h.table)
		body(h)
	})
}

// start starts supervdsmd, and waits until it answers.
func (h *host) start() {
	h.t.Helper()
	ctx, cancel := context.WithCancel(h.t.Context())
	ended := make(chan error, 1)
	go func() { ended <- supervdsm.Run(ctx, options(h.dir, h.datapath)) }()
	h.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			h.t.Errorf("supervdsmd: %v", err)
		}
	}
	h.t.Cleanup(func() { cancel() })
	h.ready()
}

func options(dir, datapath string) supervdsm.Options {
	return supervdsm.Options{
		Socket: filepath.Join(dir, "run", "svdsm.sock"), Log: filepath.Join(dir, "log", "supervdsm.log"),
		AllowUIDs: []uint32{0}, State: filepath.Join(dir, "state"), Root: filepath.Join(dir, "root"), Datapath: datapath,
	}
}

// ready waits until supervdsmd answers.
func (h *host) ready() {
	h.t.Helper()
	ctx := h.t.Context()
	c := privileged.NewClient(options(h.dir, "").Socket)
	defer c.Close()
	for end := time.Now().Add(30 * time.Second); ; {
		if _, err := privileged.Call(ctx, c, privileged.Ping, nil); err == nil {
			return
		} else if time.Now().After(end) {
			h.t.Fatal(err)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (h *host) ip(lines string) {
	h.t.Helper()
	cmd := exec.CommandContext(h.t.Context(), "ip", "-batch", "-")
	cmd.Stdin = strings.NewReader(lines)
	if out, err := cmd.CombinedOutput(); err != nil {
		h.t.Fatalf("ip: %v\n%s", err, out)
	}
}

func (h *host) links() string {
	h.t.Helper()
	out, err := exec.CommandContext(h.t.Context(), "sh", "-c", "ip -br link; ip -br -4 addr; ip -4 route show table all type unicast; ip rule | sort").CombinedOutput()
	if err != nil {
		h.t.Fatal(err)
	}
	return string(out)
}

// call calls a verb as a manager does.
func (h *host) call(verb, params string) error {
	h.t.Helper()
	handler, err := h.table.Lookup(verb)
	if err != nil {
		h.t.Fatal(err)
	}
	ctx := dispatch.WithOrigin(h.t.Context(), dispatch.Origin{Verb: verb, FlowID: "flow-1", Peer: netip.MustParseAddrPort("192.0.2.9:1")})
	_, err = h.table.Call(ctx, handler, json.RawMessage(params))
	return err
}

// stored reads a file of a configuration, "" when it is not there.
func (h *host) stored(which, file string) string {
	b, err := os.ReadFile(filepath.Join(h.dir, "state", which, "netconf", file))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		h.t.Fatal(err)
	}
	return string(b)
}

const blue = `{"networks": {"blue": {"nic": "veth_0", "bridged": "true", "STP": "no", "mtu": 1400, "switch": "legacy",
	"ipaddr": "198.51.100.5", "netmask": "255.255.255.0", "gateway": "198.51.100.1",
	"custom": {"bridge_opts": "ageing_time=4600"}}}, "bondings": {}, "options": {"connectivityCheck": "false"}}`

func TestSetupNetworks(t *testing.T) {
	onHost(t, func(h *host) {
		if err := h.call("Host.setupNetworks", blue); err != nil {
			h.t.Fatal(err)
		}
		links := h.links()
		for _, part := range []string{"blue", "198.51.100.5/24", "default via 198.51.100.1 dev blue table", "from 198.51.100.0/24 lookup"} {
			if !strings.Contains(links, part) {
				h.t.Errorf("no %q in\n%s", part, links)
			}
		}
		if b, err := os.ReadFile("/sys/class/net/blue/bridge/ageing_time"); err != nil || string(b) != "4600\n" {
			h.t.Errorf("bridge option is %q, %v", b, err)
		}
		if got := h.stored("staging", "nets/blue"); !strings.Contains(got, `"ipaddr": "198.51.100.5"`) {
			h.t.Errorf("stored: %s", got)
		}
		if !h.setup.ConfigDirty() {
			h.t.Error("nobody saved it, and it is not dirty")
		}
		if err := h.call("Host.setSafeNetworkConfig", "{}"); err != nil {
			h.t.Fatal(err)
		}
		if h.stored("persistence", "nets/blue") == "" || h.setup.ConfigDirty() {
			h.t.Error("it is not saved")
		}
		if err := h.call("Host.setupNetworks", `{"networks": {"blue": {"remove": "true"}}, "bondings": {},
			"options": {"connectivityCheck": "false", "commitOnSuccess": true}}`); err != nil {
			h.t.Fatal(err)
		}
		if links := h.links(); strings.Contains(links, "blue") || strings.Contains(links, "198.51.100") {
			h.t.Errorf("something is left:\n%s", links)
		}
		if h.stored("staging", "nets/blue")+h.stored("persistence", "nets/blue") != "" {
			h.t.Error("it is stored still")
		}
	})
}

// A manager that does not confirm gets its old networks back; one that does
// ends the wait.
func TestConnectivityCheck(t *testing.T) {
	onHost(t, func(h *host) {
		before := h.links()
		unheard := strings.Replace(blue, `"connectivityCheck": "false"`, `"connectivityCheck": "true", "connectivityTimeout": 0.1, "_caller": "x"`, 1)
		err := h.call("Host.setupNetworks", unheard)
		if !errors.Is(err, api.ErrNetLostConnection) {
			h.t.Fatalf("error is %v", err)
		}
		if after := h.links(); after != before {
			h.t.Errorf("after:\n%s\nbefore:\n%s", after, before)
		}
		if h.stored("staging", "nets/blue") != "" {
			h.t.Error("it is stored still")
		}

		done := make(chan error, 1)
		began := time.Now()
		go func() {
			done <- h.call("Host.setupNetworks", strings.Replace(unheard, ": 0.1", ": 300", 1))
		}()
		for running := true; running; {
			select {
			case err := <-done:
				if err != nil {
					h.t.Error(err)
				}
				running = false
			case <-time.After(20 * time.Millisecond): // managers poll
				if err := h.call("Host.confirmConnectivity", "{}"); err != nil {
					h.t.Fatal(err)
				}
			}
		}
		h.t.Log("took", time.Since(began))
		if time.Since(began) > 60*time.Second {
			h.t.Error("hearing the manager did not end the wait")
		}
	})
}

// While a manager is waited for, supervdsmd stops: the old networks come back.
// Others are refused meanwhile.
func TestStopWhileWaiting(t *testing.T) {
	onHost(t, func(h *host) {
		before := h.links()
		done := make(chan error, 1)
		go func() {
			done <- h.call("Host.setupNetworks", strings.Replace(blue, `"connectivityCheck": "false"`, `"connectivityTimeout": 300`, 1))
		}()
		for end := time.Now().Add(30 * time.Second); h.stored("staging", "nets/blue") == ""; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				h.t.Fatal("nothing happens")
			}
		}
		if err := h.call("Host.setupNetworks", blue); !errors.Is(err, api.ErrResourceUnavailable) {
			h.t.Errorf("a second one: %v", err)
		}
		h.stop()
		if err := <-done; err == nil {
			h.t.Error("it succeeded")
		}
		if after := h.links(); after != before {
			h.t.Errorf("after:\n%s\nbefore:\n%s", after, before)
		}
		if h.stored("staging", "nets/blue") != "" {
			h.t.Error("it is stored still")
		}
	})
}

// What cannot be done is refused with its code, and nothing is done.
func TestRefused(t *testing.T) {
	onHost(t, func(h *host) {
		before := h.links()
		for name, c := range map[string]struct {
			network string
			code    *api.Code
		}{
			"unknown card":   {`{"nic": "nope"}`, api.ErrNetBadNic},
			"bad address":    {`{"nic": "veth_0", "ipaddr": "1.2.3.4.5", "netmask": "255.0.0.0"}`, api.ErrNetBadAddr},
			"Open vSwitch":   {`{"nic": "veth_0", "switch": "ovs"}`, api.ErrNetOvsConnection}, // which does not run
			"no card there":  {`{"nic": "nope", "switch": "ovs"}`, api.ErrNetBadNic},
			"QoS of no card": {`{"hostQos": {"out": {"ls": {"m2": 5}}}}`, api.ErrNetBadParams},
			"QoS of tag 0":   {`{"nic": "veth_0", "vlan": 0, "hostQos": {"out": {"ls": {"m2": 5}}}}`, api.ErrNetBadParams},
			"huge QoS":       {`{"nic": "veth_0", "hostQos": {"out": {"ls": {"m2": 4294967296}}}}`, api.ErrNetBadParams},
			"limit of none":  {`{"nic": "veth_0", "hostQos": {"out": {"ul": {"m2": 8000}}}}`, api.ErrNetBadParams},
			"bridge option":  {`{"nic": "veth_0", "custom": {"bridge_opts": "nonsense=1"}}`, api.ErrNetBadParams},
			"hostile option": {`{"nic": "veth_0", "custom": {"bridge_opts": "../mtu=1400"}}`, api.ErrNetBadParams},
		} {
			err := h.call("Host.setupNetworks", `{"networks": {"red": `+c.network+`}, "bondings": {}, "options": {"connectivityCheck": "false"}}`)
			if !errors.Is(err, c.code) {
				h.t.Errorf("%s: error is %v", name, err)
			}
			if after := h.links(); after != before {
				h.t.Errorf("%s: after:\n%s\nbefore:\n%s", name, after, before)
			}
		}
	})
}

// Scripts see the request, may change it, and may refuse it.
func TestHooks(t *testing.T) {
	onHost(t, func(h *host) {
		hooks := filepath.Join(h.dir, "root", "usr/libexec/vdsm/hooks")
		script := func(point, text string) {
			h.t.Helper()
			dir := filepath.Join(hooks, point)
			if err := os.MkdirAll(dir, 0o755); err != nil {
				h.t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "10_test"), []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
				h.t.Fatal(err)
			}
		}
		script("before_network_setup", `sed -i s/1400/1450/ $_hook_json`)
		script("after_network_setup", `cp $_hook_json `+h.dir+`/after`)
		script("after_network_setup_fail", `cp $_hook_json `+h.dir+`/fail`)
		if err := h.call("Host.setupNetworks", blue); err != nil {
			h.t.Fatal(err)
		}
		if b, err := os.ReadFile("/sys/class/net/blue/mtu"); err != nil || string(b) != "1450\n" {
			h.t.Errorf("mtu is %q, %v", b, err)
		}
		if b, err := os.ReadFile(filepath.Join(h.dir, "after")); err != nil || !strings.Contains(string(b), `"mtu":1400`) {
			h.t.Errorf("after: %s, %v", b, err)
		}
		script("before_network_setup", "echo no >&2; exit 1")
		if err := h.call("Host.setupNetworks", strings.ReplaceAll(blue, "1400", "1300")); !errors.Is(err, api.ErrHook) {
			h.t.Errorf("error is %v", err)
		}
		if b, err := os.ReadFile(filepath.Join(h.dir, "fail")); err != nil || !strings.Contains(string(b), `"mtu":1300`) {
			h.t.Errorf("fail: %s, %v", b, err)
		}
	})
}
