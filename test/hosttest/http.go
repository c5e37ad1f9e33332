// SPDX-License-Identifier: GPL-2.0-or-later

package hosttest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// Get asks the host over HTTP, with a caller's certificate.
func (h *Host) Get(t testing.TB, path string) (status int, body string) {
	t.Helper()
	status, body, err := h.get(t, path)
	if err != nil {
		t.Fatal(err)
	}
	return status, body
}

func (h *Host) get(t testing.TB, path string) (int, string, error) {
	ctx, cancel := context.WithTimeout(t.Context(), Patience)
	defer cancel()
	transport := &http.Transport{TLSClientConfig: h.TLS(t), DisableKeepAlives: true}
	scheme := "https://"
	if h.plain {
		scheme = "http://"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+h.Address+path, nil)
	if err != nil {
		return 0, "", err
	}
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, string(body), err
}

// Metric returns the value of a metric without labels.
func (h *Host) Metric(t testing.TB, name string) float64 {
	t.Helper()
	_, body := h.Get(t, "/metrics")
	for line := range strings.Lines(body) {
		if text, ok := strings.CutPrefix(line, name+" "); ok {
			value, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
			if err != nil {
				t.Fatal(err)
			}
			return value
		}
	}
	t.Fatalf("there is no metric %s in\n%s", name, body)
	return 0
}

// Usage is what a daemon holds that it could leak.
type Usage struct{ Goroutines, Descriptors float64 }

// Usage asks the daemon what it holds.
func (h *Host) Usage(t testing.TB) Usage {
	t.Helper()
	return Usage{h.Metric(t, "go_goroutines"), h.Metric(t, "vdsm_process_open_fds")}
}

// AwaitUsage waits until the daemon holds no more than it did before, give or
// take what comes and goes on its own.
func (h *Host) AwaitUsage(t testing.TB, before Usage) {
	t.Helper()
	const play = 4 // samplers at work, the connection of the question itself
	Until(t, "everything given back", func() error {
		now := h.Usage(t)
		if now.Goroutines > before.Goroutines+play || now.Descriptors > before.Descriptors+play {
			return fmt.Errorf("there were %+v, now there are %+v", before, now)
		}
		return nil
	})
}
