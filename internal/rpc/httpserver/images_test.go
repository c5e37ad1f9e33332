// SPDX-License-Identifier: GPL-2.0-or-later

package httpserver

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"govdsm/api"
)

// shelf keeps one image in memory.
type shelf struct {
	mu      sync.Mutex
	asked   Image
	content string
	refuse  error
	hold    chan struct{} // nil: do not wait
}

func (s *shelf) wait(i Image) error {
	s.mu.Lock()
	s.asked = i
	hold, refuse := s.hold, s.refuse
	s.mu.Unlock()
	if hold != nil {
		<-hold
	}
	return refuse
}

func (s *shelf) set(refuse error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = refuse
}

func (s *shelf) get() (content string, asked Image) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.content, s.asked
}

func (s *shelf) Receive(_ context.Context, i Image, length int64, body io.Reader) (string, error) {
	if err := s.wait(i); err != nil {
		return "", err
	}
	b := make([]byte, length)
	if _, err := io.ReadFull(body, b); err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.content = string(b)
	}
	return "task-1", nil
}

func (s *shelf) Send(_ context.Context, i Image, length int64, to func(string) io.Writer) error {
	if err := s.wait(i); err != nil {
		return err
	}
	w := to("task-2")
	content, _ := s.get()
	if length > int64(len(content)) {
		_, err := io.WriteString(w, content)
		return errors.Join(err, errors.New("the image is shorter"))
	}
	_, err := io.WriteString(w, content[:length])
	return err
}

func request(t *testing.T, c *http.Client, method string, body io.Reader, header http.Header) (*http.Response, string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://host/", body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
	answer, err := c.Do(r)
	if err != nil {
		return nil, "", err
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	return answer, string(b), err
}

func imageHeader(more ...string) http.Header {
	h := http.Header{headerPool: {"p"}, headerDomain: {"d"}, headerImage: {"i"}}
	for i := 0; i+1 < len(more); i += 2 {
		h.Add(more[i], more[i+1])
	}
	return h
}

func TestImages(t *testing.T) {
	t.Parallel()
	s := new(shelf)
	c := start(t, Options{Images: s})
	answer, _, err := request(t, c, "PUT", strings.NewReader("0123456789"), imageHeader(headerVolume, "v"))
	if err != nil || answer.StatusCode != http.StatusOK || answer.Header.Get(headerTask) != "task-1" {
		t.Fatalf("%+v, %v", answer, err)
	}
	if content, asked := s.get(); content != "0123456789" || asked != (Image{"p", "d", "i", "v"}) {
		t.Errorf("%q in %+v", content, asked)
	}
	answer, body, err := request(t, c, "GET", nil, imageHeader("Range", "bytes=0-3"))
	if err != nil || answer.StatusCode != http.StatusPartialContent || body != "0123" || answer.ContentLength != 4 ||
		answer.Header.Get("Content-Range") != "bytes 0-3" || answer.Header.Get(headerTask) != "task-2" {
		t.Errorf("%+v, %q, %v", answer, body, err)
	}
	// The answer is shorter than it says when storage fails on the way.
	if _, body, err = request(t, c, "GET", nil, imageHeader("Range", "bytes=0-99")); err == nil {
		t.Errorf("a short image is no error: %q", body)
	}
	s.set(api.ErrSpmStatus.Of())
	for method, header := range map[string]http.Header{"PUT": imageHeader(), "GET": imageHeader("Range", "bytes=0-3")} {
		answer, body, err = request(t, c, method, strings.NewReader("x"), header)
		if err != nil || answer.StatusCode != http.StatusInternalServerError || body != `{"status":{"code":654,"message":"Not SPM: ()"}}` {
			t.Errorf("%s: %+v, %s, %v", method, answer, body, err)
		}
	}
	s.set(errors.New("disk on fire"))
	if _, body, err = request(t, c, "PUT", strings.NewReader("x"), imageHeader()); err != nil || body != `{"status":{"code":100,"message":"disk on fire"}}` {
		t.Errorf("%s, %v", body, err)
	}
}

func TestHostileImageRequests(t *testing.T) {
	t.Parallel()
	s := new(shelf)
	c := start(t, Options{Images: s})
	get := func(value string) http.Header { return imageHeader("Range", value) }
	for name, tc := range map[string]struct {
		method string
		body   io.Reader
		header http.Header
		want   int
	}{
		"no ids":           {"PUT", strings.NewReader("x"), http.Header{}, 400},
		"one id":           {"PUT", strings.NewReader("x"), http.Header{headerImage: {"i"}}, 400},
		"empty id":         {"PUT", strings.NewReader("x"), http.Header{headerPool: {""}, headerDomain: {"d"}, headerImage: {"i"}}, 400},
		"two domains":      {"PUT", strings.NewReader("x"), imageHeader(headerDomain, "e"), 400},
		"two volumes":      {"GET", nil, imageHeader(headerVolume, "v", headerVolume, "w", "Range", "bytes=0-1"), 400},
		"no length":        {"PUT", io.MultiReader(strings.NewReader("x")), imageHeader(), 411},
		"no range":         {"GET", nil, imageHeader(), 400},
		"another range":    {"GET", nil, get("bytes=1-2"), 400},
		"open range":       {"GET", nil, get("bytes=0-"), 400},
		"suffix":           {"GET", nil, get("bytes=-5"), 400},
		"two ranges":       {"GET", nil, get("bytes=0-1,5-6"), 400},
		"range of another": {"GET", nil, get("lines=0-1"), 400},
		"huge range":       {"GET", nil, get("bytes=0-9223372036854775807"), 400},
		"larger range":     {"GET", nil, get("bytes=0-99999999999999999999"), 400},
		"signed range":     {"GET", nil, get("bytes=0-+5"), 400},
		"range twice":      {"GET", nil, imageHeader("Range", "bytes=0-1", "Range", "bytes=0-2"), 400},
	} {
		answer, body, err := request(t, c, tc.method, tc.body, tc.header)
		if err != nil || answer.StatusCode != tc.want || body != "" && tc.want != 400 {
			t.Errorf("%s: %+v, %q, %v", name, answer, body, err)
		}
	}
	if _, asked := s.get(); asked != (Image{}) {
		t.Errorf("storage was asked for %+v", asked)
	}
}

// A peer that dies half way is an error of the body, and one more image than
// can travel is refused.
func TestImagesInTrouble(t *testing.T) {
	t.Parallel()
	s := new(shelf)
	c := start(t, Options{Images: s})
	r, w := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	q, err := http.NewRequestWithContext(ctx, "PUT", "http://host/", r)
	if err != nil {
		t.Fatal(err)
	}
	q.Header, q.ContentLength = imageHeader(), 100
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if answer, err := c.Do(q); err == nil {
			answer.Body.Close()
			t.Errorf("half an image: %s", answer.Status)
		}
	}()
	_, _ = io.WriteString(w, "half")
	cancel()
	w.CloseWithError(io.ErrUnexpectedEOF)
	<-ended

	s = &shelf{hold: make(chan struct{})}
	c = start(t, Options{Images: s})
	var all sync.WaitGroup
	refused := make(chan int, 2*mostTransfers)
	for range 2 * mostTransfers {
		all.Go(func() {
			answer, _, err := request(t, c, "PUT", strings.NewReader("x"), imageHeader())
			if err != nil {
				t.Error(err)
				return
			}
			if answer.StatusCode != http.StatusOK {
				refused <- answer.StatusCode
			}
		})
	}
	for range mostTransfers {
		if status := <-refused; status != http.StatusServiceUnavailable {
			t.Errorf("one too many: %d", status)
		}
	}
	close(s.hold)
	all.Wait()
}
