// SPDX-License-Identifier: GPL-2.0-or-later

package mom_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"govdsm/internal/host/mom"
)

// fake is a MOM that answers each call with the next of its answers.
type fake struct {
	mu      sync.Mutex
	calls   []string // method and arguments, joined by "|"
	answers []string
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var call struct {
		Method string   `xml:"methodName"`
		Args   []string `xml:"params>param>value>string"`
	}
	body, _ := io.ReadAll(r.Body)
	if err := xml.Unmarshal(body, &call); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, strings.Join(append([]string{call.Method}, call.Args...), "|"))
	answer := f.answers[0]
	if len(f.answers) > 1 {
		f.answers = f.answers[1:]
	}
	if answer == "500" {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	_, _ = io.WriteString(w, answer)
}

// Answers as Python's xmlrpc.server writes them.
const (
	isTrue  = "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><boolean>1</boolean></value>\n</param>\n</params>\n</methodResponse>\n"
	isFalse = "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><boolean>0</boolean></value>\n</param>\n</params>\n</methodResponse>\n"
	isNil   = "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n<value><nil/></value></param>\n</params>\n</methodResponse>\n"
	isFault = "<?xml version='1.0'?>\n<methodResponse>\n<fault>\n<value><struct>\n<member>\n<name>faultCode</name>\n<value><int>1</int></value>\n</member>\n<member>\n<name>faultString</name>\n<value><string>bad policy</string></value>\n</member>\n</struct></value>\n</fault>\n</methodResponse>\n"
)

func serve(t *testing.T, answers ...string) (*mom.Client, *fake) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mom.sock")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{answers: answers}
	server := &http.Server{Handler: f}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return mom.NewClient(path), f
}

func TestPing(t *testing.T) {
	t.Parallel()
	c, f := serve(t, isTrue, isFalse, isFault, "500", "rubbish", isTrue)
	for i, want := range []bool{true, false, false, false, false, true} {
		if got := c.Ping(t.Context()); got != want {
			t.Errorf("ping %d: %v", i, got)
		}
	}
	if f.calls[0] != "ping" {
		t.Errorf("called %q", f.calls[0])
	}
}

func TestPolicies(t *testing.T) {
	t.Parallel()
	c, f := serve(t, isNil)
	err := errors.Join(
		c.SetPolicy(t.Context(), "(if (< a b) & <x>)\n"),
		c.SetParameters(t.Context(), map[string]any{"ksmEnabled": true, "balloonEnabled": false}),
		c.SetParameters(t.Context(), map[string]any{"ksmEnabled": false, "n": json.Number("1.5"), "s": "it's"}),
	)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"setPolicy|(if (< a b) & <x>)\n",
		"setNamedPolicy|01-parameters|(set balloonEnabled False)\n(set ksmEnabled True)",
		"setNamedPolicy|01-parameters|(set balloonEnabled False)\n(set ksmEnabled False)\n(set n 1.5)\n(set s \"it's\")",
	} {
		if f.calls[i] != want {
			t.Errorf("call %d is %q, want %q", i, f.calls[i], want)
		}
	}
}

func TestNamesCannotLeaveTheirPlace(t *testing.T) {
	t.Parallel()
	c, f := serve(t, isNil)
	for _, name := range []string{"", "a b", "a) (defvar x", "a\n", `"`} {
		if err := c.SetParameters(t.Context(), map[string]any{name: true}); err == nil || errors.Is(err, mom.ErrUnreachable) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if len(f.calls) != 0 {
		t.Errorf("MOM was told %q", f.calls)
	}
}

func TestFaultsAreErrors(t *testing.T) {
	t.Parallel()
	c, _ := serve(t, isFault, "500", "<methodResponse/>", "<methodResponse")
	err := c.SetPolicy(t.Context(), "x")
	if fault, ok := errors.AsType[*mom.Fault](err); !ok || fault.Text != "bad policy" {
		t.Errorf("%v", err)
	}
	for range 3 {
		if err := c.SetPolicy(t.Context(), "x"); err == nil || errors.Is(err, mom.ErrUnreachable) {
			t.Errorf("%v", err)
		}
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mom.sock")
	c := mom.NewClient(path)
	if err := c.SetPolicy(t.Context(), "x"); !errors.Is(err, mom.ErrUnreachable) {
		t.Errorf("%v", err)
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	// It rests for some seconds before it looks again.
	if err := c.SetPolicy(t.Context(), "x"); !errors.Is(err, mom.ErrUnreachable) || !strings.Contains(err.Error(), "a moment ago") {
		t.Errorf("%v", err)
	}
}

func TestSilentMOM(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mom.sock")
	listener, err := net.Listen("unix", path) // the kernel accepts, nobody answers
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	began := time.Now()
	if err := mom.NewClient(path).SetPolicy(t.Context(), "x"); !errors.Is(err, mom.ErrUnreachable) {
		t.Errorf("%v", err)
	}
	if waited := time.Since(began); waited > 30*time.Second {
		t.Errorf("waited %v", waited)
	}
}
