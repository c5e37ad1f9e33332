// SPDX-License-Identifier: GPL-2.0-or-later

package network

import (
	"encoding/json"
	"os"
	"path/filepath"
)

const hooksDir = "/usr/libexec/vdsm/hooks"

// hook installs a script for the case.
func (h *host) hook(point, script string) {
	h.Helper()
	file := filepath.Join(hooksDir, point, "50_suite")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		h.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(script), 0o755); err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() { _ = os.Remove(file) })
}

// saw is the request that a script saw and copied.
func (h *host) saw(file string) map[string]map[string]attrs {
	h.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		h.Fatal(err)
	}
	var document struct {
		Request map[string]map[string]attrs
	}
	if err := json.Unmarshal(b, &document); err != nil {
		// The options are no map of maps.
		var raw struct {
			Request map[string]json.RawMessage
		}
		if err := json.Unmarshal(b, &raw); err != nil {
			h.Fatalf("%v\n%s", err, b)
		}
		document.Request = map[string]map[string]attrs{}
		for _, part := range []string{"networks", "bondings"} {
			m := map[string]attrs{}
			if err := json.Unmarshal(raw.Request[part], &m); err != nil {
				h.Fatalf("%v\n%s", err, b)
			}
			document.Request[part] = m
		}
	}
	return document.Request
}

func hooks(a *area) {
	a.add("a script changes the request", func(h *host) {
		h.hook("before_network_setup", `#!/bin/sh
sed -i 's/"bridged": *false/"bridged":true,"stp":false/' "$_hook_json"
`)
		red := attrs{"nic": h.nic(0), "bridged": false}
		h.setup(networks{"red": red}, nil)
		h.hasNetwork("red", red.with("bridged", true))
	})
	a.add("a script sees the request afterwards", func(h *host) {
		seen := filepath.Join(h.TempDir(), "seen")
		h.hook("after_network_setup", "#!/bin/sh\ncat \"$_hook_json\" >"+seen+"\n")
		h.setup(networks{"red": {"nic": h.nic(0), "bridged": false}}, nil)
		request := h.saw(seen)
		if request["networks"]["red"]["nic"] != h.nic(0) || request["bondings"] == nil {
			h.Errorf("it saw %v", request)
		}
	})
	a.add("a script refuses", func(h *host) {
		seen := filepath.Join(h.TempDir(), "seen")
		h.hook("before_network_setup", "#!/bin/sh\necho not today >&2\nexit 1\n")
		h.hook("after_network_setup_fail", "#!/bin/sh\ncat \"$_hook_json\" >"+seen+"\n")
		h.refused(hookError, networks{"red": {"nic": h.nic(0)}}, nil)
		if h.saw(seen)["networks"]["red"] == nil {
			h.Error("after the failure nobody was told what was asked")
		}
	})
	a.add("a script that fails afterwards does not matter", func(h *host) {
		h.hook("after_network_setup", "#!/bin/sh\nexit 1\n")
		h.setup(networks{"red": {"nic": h.nic(0)}}, nil)
	})
	a.add("a script leaves nonsense", func(h *host) {
		h.hook("before_network_setup", "#!/bin/sh\necho '{' >\"$_hook_json\"\n")
		h.refused(hookError, networks{"red": {"nic": h.nic(0)}}, nil)
	})
}
