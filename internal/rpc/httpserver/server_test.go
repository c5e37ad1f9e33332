// SPDX-License-Identifier: GPL-2.0-or-later

package httpserver

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs a server until the end of the test and returns a client of it.
func start(t *testing.T, o Options) *http.Client {
	t.Helper()
	o.Log = slog.New(slog.DiscardHandler)
	s := New(o)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := s.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	transport := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		near, far := net.Pipe()
		running.Go(func() { s.Serve(ctx, far) })
		return near, nil
	}}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		cancel()
		running.Wait()
	})
	return &http.Client{Transport: transport, Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse
	}}
}

func ask(t *testing.T, c *http.Client, method, path string, header ...string) (status int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://host"+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	healthy := true
	says := func(text string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, text+r.URL.Path) })
	}
	full := start(t, Options{
		Registry: NewRegistry(), API: says("api "), Images: &shelf{content: "image"},
		Health: func(context.Context) Health {
			return Health{Healthy: healthy, Parts: map[string]string{"libvirt": "gone"}}
		},
		About: func(context.Context) About {
			return About{Host: "<b>node</b>", Version: "1", Facts: []Fact{{"VMs", "3"}}}
		},
	})
	bare := start(t, Options{})
	for _, tc := range []struct {
		client       *http.Client
		method, path string
		header       []string
		status       int
		want         string
	}{
		{full, "GET", "/", nil, 200, "&lt;b&gt;node"},
		{full, "GET", "/", nil, 200, ">VMs</th><td>3<"},
		{full, "GET", "/metrics", nil, 200, "vdsm_process_resident_memory_bytes"},
		{full, "GET", "/healthz", nil, 200, `{"healthy":true,"parts":{"libvirt":"gone"}}`},
		{full, "GET", "/api", nil, 301, ""},
		{full, "GET", "/api/verbs", nil, 200, "api /verbs"},
		{full, "GET", "/anything", []string{"Storage-Domain-Id", "x"}, 400, ""},
		{full, "GET", "/anything", []string{"Storage-Domain-Id", "x", "Storage-Pool-Id", "y", "Image-Id", "z", "Range", "bytes=0-4"}, 206, "image"},
		{full, "PUT", "/", nil, 400, ""},
		{full, "GET", "/else", nil, 404, ""},
		{bare, "GET", "/", nil, 200, "virtualization host"},
		{bare, "GET", "/healthz", nil, 200, `{"healthy":true}`},
		{bare, "GET", "/metrics", nil, 404, ""},
		{bare, "GET", "/api/", nil, 404, ""},
		{bare, "PUT", "/", []string{"Storage-Domain-Id", "x"}, 501, ""},
	} {
		status, body := ask(t, tc.client, tc.method, tc.path, tc.header...)
		if status != tc.status || !strings.Contains(body, tc.want) {
			t.Errorf("%s %s %v: %d %s", tc.method, tc.path, tc.header, status, body)
		}
	}
	healthy = false
	if status, _ := ask(t, full, "GET", "/healthz"); status != http.StatusServiceUnavailable {
		t.Errorf("not healthy: %d", status)
	}
}

func TestHugeHeader(t *testing.T) {
	t.Parallel()
	c := start(t, Options{})
	if status, _ := ask(t, c, "GET", "/", "X", strings.Repeat("x", 100_000)); status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("status %d", status)
	}
}
