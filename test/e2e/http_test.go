// SPDX-License-Identifier: GPL-2.0-or-later

package e2e

import (
	"crypto/tls"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"govdsm/test/hosttest"
)

func TestHTTP(t *testing.T) {
	t.Parallel()
	h := hosttest.Shared(t)
	if _, err := h.Dial(t).Request(t.Context(), "Host.ping2", map[string]any{}); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]string{
		"/metrics": {
			"go_goroutines ", "vdsm_process_open_fds ", "vdsm_libvirt_connected 1", "vdsm_ready 1", "vdsm_vms ",
			"vdsm_certificate_expiry_timestamp_seconds{", `vdsm_rpc_calls_total{`, "vdsm_rpc_call_seconds_bucket{", "vdsm_connections ",
		},
		"/healthz": {`"healthy":true`, `"libvirt":"connected"`},
		"/":        {"<html", "libvirt", "verbs"},
		"/api/":    {"<html", "VM.create", "Host.getCapabilities"},
	} {
		status, body := h.Get(t, path)
		if status != http.StatusOK {
			t.Errorf("GET %s answers %d", path, status)
		}
		for _, text := range want {
			if !strings.Contains(body, text) {
				t.Errorf("GET %s has no %q:\n%.2000s", path, text, body)
			}
		}
	}
	if status, _ := h.Get(t, "/no/such/page"); status != http.StatusNotFound {
		t.Errorf("an unknown path answers %d", status)
	}
	var health struct{ Healthy bool }
	if _, body := h.Get(t, "/healthz"); json.Unmarshal([]byte(body), &health) != nil || !health.Healthy {
		t.Errorf("/healthz: %s", body)
	}
}

// What needs a certificate on STOMP needs one on HTTP.
func TestHTTPNeedsACertificate(t *testing.T) {
	t.Parallel()
	h := hosttest.Shared(t)
	for name, transport := range map[string]*http.Transport{
		"plain":            {},
		"no certificate":   {TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
		"no certificate 2": {TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12}},
	} {
		transport.DisableKeepAlives = true
		scheme := "https://"
		if name == "plain" {
			scheme = "http://"
		}
		for _, path := range []string{"/metrics", "/healthz", "/api/", "/"} {
			response, err := (&http.Client{Transport: transport, Timeout: hosttest.Patience}).Get(scheme + h.Address + path)
			if err == nil {
				response.Body.Close()
				t.Errorf("%s: GET %s answers %s", name, path, response.Status)
			}
		}
	}
}
