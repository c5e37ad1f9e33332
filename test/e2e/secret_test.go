// SPDX-License-Identifier: GPL-2.0-or-later

package e2e

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"govdsm/test/hosttest"
)

// Secrets that come in calls, good ones and bad ones, are in no file below the
// log folder, at any log level.
func TestSecretsAreNotLogged(t *testing.T) {
	t.Parallel()
	const secret = "S3cr3t-x" // VNC has eight characters
	h := hosttest.Start(t)
	c := h.Dial(t)
	for _, name := range []string{"", "virt", "rpc", "host", "hook", "libvirt", "schema"} {
		if _, err := c.Request(t.Context(), "Host.setLogLevel", map[string]any{"level": "DEBUG", "name": name}); err != nil {
			t.Fatal(err)
		}
	}
	v := h.Tiny(t)
	v.XML = replace(t, v.XML, "</devices>", `<graphics type="vnc" port="-1" autoport="yes" passwd="`+secret+
		`" passwdValidTo="1970-01-01T00:00:01"><listen type="address" address="127.0.0.1"/></graphics></devices>`)
	hosttest.CreateUp(t, c, v)
	other := h.Tiny(t)
	for verb, params := range map[string]any{
		"VM.create": map[string]any{"vmID": other.ID, "vmParams": map[string]any{
			"xml": other.XML, "_X_tpmdata": secret, "_X_nvramdata": secret,
		}},
		"VM.setTicket": map[string]any{"vmID": v.ID, "password": secret, "ttl": 60, "existingConnAction": "keep", "params": map[string]any{}},
		"Host.fenceNode": map[string]any{
			"addr": "127.0.0.1", "port": "1", "agent": "ipmilan", "username": "root", "password": secret, "action": "status", "options": "passwd=" + secret,
		},
		"VM.desktopLogin": map[string]any{"vmID": v.ID, "domain": "d", "username": "u", "password": secret},
		"Host.registerSecrets": map[string]any{"secrets": []any{map[string]any{
			"uuid": other.ID, "usageType": "ceph", "usageID": "ovirt/x", "password": secret,
		}}, "clear": false},
		"StoragePool.connectStorageServer": map[string]any{"domainType": 3, "storagepoolID": other.ID, "connectionParams": []any{
			map[string]any{"id": other.ID, "connection": "127.0.0.1", "iqn": "iqn.x:y", "user": "u", "password": secret},
		}},
		"VM.noSuchVerb": map[string]any{"password": secret},
		"VM.pause":      map[string]any{"vmID": v.ID, "password": secret},
		"VM.getStats":   map[string]any{"vmID": map[string]any{"password": secret}},
		"Host.echo":     map[string]any{"message": map[string]any{"passwd": secret}},
	} {
		_, _ = c.Request(t.Context(), verb, params) // most of them fail, which is not the matter here
	}
	h.Stop(t)
	if err := filepath.WalkDir(filepath.Join(h.Dir, "log"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		for line := range strings.Lines(string(text)) {
			if strings.Contains(line, secret) {
				t.Errorf("%s: %s", path, line)
			}
		}
		return err
	}); err != nil {
		t.Error(err)
	}
	if strings.Contains(h.Story(), secret) {
		t.Error("it is on standard error")
	}
}
