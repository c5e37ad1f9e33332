// SPDX-License-Identifier: GPL-2.0-or-later

package imageticket_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"govdsm/api"
	"govdsm/internal/storage/imageticket"
)

const id = "52cb593f-837c-4633-a444-35a0a0383706"

// daemon returns an image daemon that answers as told.
func daemon(t *testing.T, handle http.HandlerFunc) *imageticket.Daemon {
	t.Helper()
	socket := listen(t)
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: handle}
	ended := make(chan error)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		<-ended
	})
	return imageticket.New(socket)
}

// listen returns a path for a socket, which must be short.
func listen(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "img")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "sock")
}

func TestRequests(t *testing.T) {
	t.Parallel()
	var got []string
	d := daemon(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, fmt.Sprintf("%s %s %s", r.Method, r.URL.Path, body))
		if r.Method == http.MethodGet {
			io.WriteString(w, `{"uuid": "x", "transferred": 7, "canceled": false}`)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
	ticket := `{"uuid":"` + id + `","size":1,"url":"nbd:unix:/run/x","sparse":true,"transfer_id":"t"}`
	if err := d.Add(t.Context(), id, json.RawMessage(ticket)); err != nil {
		t.Error(err)
	}
	if text, err := d.Get(t.Context(), id); err != nil || string(text) != `{"uuid": "x", "transferred": 7, "canceled": false}` {
		t.Errorf("%s, %v", text, err)
	}
	if err := errors.Join(d.Extend(t.Context(), id, 300), d.Remove(t.Context(), id)); err != nil {
		t.Error(err)
	}
	want := []string{
		"PUT /tickets/" + id + " " + ticket, "GET /tickets/" + id + " ",
		"PATCH /tickets/" + id + ` {"timeout": 300}`, "DELETE /tickets/" + id + " ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	check := func(t *testing.T, err error, code *api.Code, text string) {
		t.Helper()
		if !errors.Is(err, code) || !strings.Contains(err.Error(), text) {
			t.Errorf("%v, want %v with %q", err, code, text)
		}
	}
	d := daemon(t, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no such ticket", http.StatusNotFound) })
	_, err := d.Get(t.Context(), id)
	check(t, err, api.ErrImageDaemon, "status=404, reason=Not Found, error=no such ticket")

	d = daemon(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "{") })
	_, err = d.Get(t.Context(), id)
	check(t, err, api.ErrImageDaemon, "Invalid JSON")

	d = daemon(t, func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 2<<20)) })
	_, err = d.Get(t.Context(), id)
	check(t, err, api.ErrImageDaemon, "too long")

	d = daemon(t, func(w http.ResponseWriter, _ *http.Request) { panic(http.ErrAbortHandler) })
	check(t, d.Remove(t.Context(), id), api.ErrImageTickets, "reason=Error communicating")

	d = daemon(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		io.WriteString(w, "half")
		http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	_, err = d.Get(t.Context(), id)
	check(t, err, api.ErrImageDaemon, "Error reading response")

	check(t, imageticket.New(listen(t)).Remove(t.Context(), id), api.ErrImageDaemonUnsupported, "")
	dead := listen(t)
	if err := os.WriteFile(dead, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	check(t, imageticket.New(dead).Remove(t.Context(), id), api.ErrImageTickets, "connection refused")
	for _, hostile := range []string{"", "../info", "x?y", id + "/..", strings.Repeat("a", 1<<16)} {
		check(t, d.Remove(t.Context(), hostile), api.ErrInvalidParameterException, "")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	check(t, d.Remove(ctx, id), api.ErrImageTickets, "canceled")
}
