// SPDX-License-Identifier: GPL-2.0-or-later

package glance

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const token = "s3cret"

// service is an image service of both versions, and a plain server.
type service struct {
	mu      sync.Mutex
	content string
	lies    string // length that it tells, if not ""
}

func (s *service) set(content, lies string) (before string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before, s.content, s.lies = s.content, content, lies
	return before
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Header.Get("X-Auth-Token") != token {
		http.Error(w, "who are you?", http.StatusUnauthorized)
		return
	}
	length := s.lies
	if length == "" {
		length = "10"
	}
	switch r.Method + " " + r.URL.Path {
	case "HEAD /v1/images/x":
		w.Header().Set("X-Image-Meta-Size", length)
	case "GET /v2/images/x":
		_, _ = io.WriteString(w, `{"id": "x", "size": `+length+`}`)
	case "GET /v1/images/x", "GET /v2/images/x/file", "GET /plain":
		_, _ = io.WriteString(w, s.content)
	case "GET /moved":
		http.Redirect(w, r, "/plain", http.StatusFound)
	case "PUT /plain":
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		s.content = string(b)
	default:
		http.NotFound(w, r)
	}
}

func TestGetAndPut(t *testing.T) {
	t.Parallel()
	s := &service{content: "0123456789"}
	server := httptest.NewServer(s)
	defer server.Close()
	c := New(Options{})
	image := func(path string) Image {
		return Image{server.URL + path, map[string]string{"X-Auth-Token": token}}
	}
	for _, path := range []string{"/v1/images/x", "/v2/images/x", "/plain"} {
		body, n, err := c.Get(t.Context(), image(path))
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(body)
		if err != nil || n != 10 || string(b) != "0123456789" {
			t.Errorf("%s: %d, %q, %v", path, n, b, err)
		}
		if err := body.Close(); err != nil {
			t.Error(err)
		}
	}
	for _, text := range []string{"", "x", strings.Repeat("long", 1<<18)} {
		if err := c.Put(t.Context(), image("/plain"), strings.NewReader(text), int64(len(text))); err != nil {
			t.Error(err)
		}
		if got := s.set(text, ""); got != text {
			t.Errorf("the server has %d bytes of %d", len(got), len(text))
		}
	}
	if err := c.Put(t.Context(), image("/plain"), io.MultiReader(strings.NewReader("half"), broken{}), 8); !errors.Is(err, errBroken) {
		t.Errorf("half an image: %v", err)
	}
	for _, lie := range []string{"11", "9", "-1", `"ten"`, "", "1e30"} {
		s.set("0123456789", lie)
		for _, path := range []string{"/v1/images/x", "/v2/images/x"} {
			if _, _, err := c.Get(t.Context(), image(path)); err == nil && lie != "" {
				t.Errorf("%s: a length of %s is taken", path, lie)
			}
		}
	}
}

var errBroken = errors.New("the volume cannot be read")

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errBroken }

func TestRefusals(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(&service{})
	defer server.Close()
	c := New(Options{})
	good := map[string]string{"X-Auth-Token": token}
	for name, i := range map[string]Image{
		"a file":           {"file:///etc/passwd", good},
		"another protocol": {"ftp://" + server.Listener.Addr().String() + "/plain", good},
		"no server":        {"http:///plain", good},
		"no URL":           {"http://[::1", good},
		"an option":        {"--upload-file", good},
		"nothing":          {"", good},
		"no such image":    {server.URL + "/none", good},
		"elsewhere":        {server.URL + "/moved", good},
		"no token":         {server.URL + "/plain", nil},
		"lines in headers": {server.URL + "/plain", map[string]string{"X-Auth-Token": token + "\r\nX: y"}},
		"header's name":    {server.URL + "/plain", map[string]string{"X-Auth-Token": token, "X: y\r\nZ": "1"}},
	} {
		if body, _, err := c.Get(t.Context(), i); err == nil {
			body.Close()
			t.Errorf("%s is read", name)
		} else if strings.Contains(err.Error(), token) {
			t.Errorf("%s: the token is in %v", name, err)
		}
		if name == "elsewhere" {
			continue
		}
		if err := c.Put(t.Context(), i, bytes.NewReader(nil), 0); err == nil {
			t.Errorf("%s is written", name)
		}
	}
	i := Image{strings.Replace(server.URL, "http://", "http://user:"+token+"@", 1) + "/none?sig=" + token, nil}
	if _, _, err := c.Get(t.Context(), i); err == nil || strings.Contains(err.Error(), token) {
		t.Errorf("%v", err)
	}
}

// A server that says nothing more, or takes nothing more, ends the transfer.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "some")
			_ = http.NewResponseController(w).Flush()
		}
		<-hang
	}))
	defer server.Close()
	defer close(hang)
	c := New(Options{Silence: 200 * time.Millisecond})
	body, _, err := c.Get(t.Context(), Image{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(body); !errors.Is(err, errSilent) || string(b) != "some" {
		t.Errorf("%q, %v", b, err)
	}
	if err := body.Close(); err != nil {
		t.Error(err)
	}
	const much = 1 << 30 // more than sockets hold
	if err := c.Put(t.Context(), Image{URL: server.URL}, zeros{}, much); err == nil {
		t.Error("a server that takes nothing is no error")
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }
