// SPDX-License-Identifier: GPL-2.0-or-later

package httpserver

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"govdsm/api"
)

// Image names an image in a storage domain, as the headers of a request do.
// Nobody has looked at the names.
type Image struct {
	Pool, Domain, Image string
	Volume              string // "" for the only one
}

// Images reads and writes images. Storage does it.
type Images interface {
	// Receive schedules a task that makes length bytes of body what is in an
	// image, and returns the task's id when body is no longer read: whether
	// the task has succeeded the task tells. An error means there is no task.
	Receive(ctx context.Context, i Image, length int64, body io.Reader) (task string, err error)
	// Send schedules a task that writes the first length bytes of an image to
	// what to returns. That is called with the task's id, once, when nothing
	// but reading can fail any more. Send returns when nothing is written any
	// more.
	Send(ctx context.Context, i Image, length int64, to func(task string) io.Writer) error
}

// Names of headers, as lib/vdsm/rpc/http.py has them.
const (
	headerPool   = "Storage-Pool-Id"
	headerDomain = "Storage-Domain-Id"
	headerImage  = "Image-Id"
	headerVolume = "Volume-Id"
	headerTask   = "Task-Id"
)

// mostTransfers is how many images travel at one time. Each holds a task, of
// which there are not many more; managers send one after the other.
const mostTransfers = 10

// forImages reports whether a request is about an image.
func forImages(r *http.Request) bool {
	for _, name := range []string{headerPool, headerDomain, headerImage, headerVolume} {
		if _, ok := r.Header[name]; ok {
			return true
		}
	}
	return false
}

// refusal is a request that cannot be served.
type refusal struct {
	status int
	why    string
}

func (r *refusal) Error() string { return r.why }

// imageOf reads which image a request is about. A header that is there twice
// could be read in two ways.
func imageOf(r *http.Request) (Image, error) {
	var i Image
	for name, to := range map[string]*string{
		headerPool: &i.Pool, headerDomain: &i.Domain, headerImage: &i.Image, headerVolume: &i.Volume,
	} {
		switch values := r.Header[name]; {
		case len(values) > 1:
			return i, &refusal{http.StatusBadRequest, name + " is there twice"}
		case len(values) == 1:
			*to = values[0]
		}
		if *to == "" && name != headerVolume {
			return i, &refusal{http.StatusBadRequest, name + " is missing or empty"}
		}
	}
	return i, nil
}

// image transfers an image.
func (s *Server) image(w http.ResponseWriter, r *http.Request) {
	err := s.transfer(w, r)
	if err == nil {
		return
	}
	// What is left of a body is not read: it may be long.
	w.Header().Set("Connection", "close")
	if refused, ok := errors.AsType[*refusal](err); ok {
		s.options.Log.WarnContext(r.Context(), "request for an image refused", "peer", r.RemoteAddr, "why", refused.why)
		w.WriteHeader(refused.status)
		return
	}
	s.options.Log.ErrorContext(r.Context(), "an image is not transferred", "peer", r.RemoteAddr, "err", err)
	s.sayStatus(w, r, err)
}

// sayStatus answers with an error as verbs do.
func (s *Server) sayStatus(w http.ResponseWriter, r *http.Request, failure error) {
	code, text := api.ErrGeneral.Number, failure.Error()
	if known, ok := errors.AsType[*api.Error](failure); ok {
		code, text = known.Number, known.Error()
	} else if bare, ok := errors.AsType[*api.Code](failure); ok {
		code, text = bare.Number, bare.Error()
	}
	body, err := json.Marshal(map[string]any{"status": map[string]any{"code": code, "message": text}})
	if err != nil {
		body = nil
	}
	hurry(w)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusInternalServerError)
	if _, err := w.Write(body); err != nil {
		s.options.Log.DebugContext(r.Context(), "status not sent", "error", err)
	}
}

// hurry gives the client a while to take what comes next. A connection that
// takes no deadline has ended, which the next call tells.
func hurry(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(patience))
}

func (s *Server) transfer(w http.ResponseWriter, r *http.Request) error {
	hurry(w)
	if s.options.Images == nil {
		return &refusal{http.StatusNotImplemented, "this host has no storage"}
	}
	i, err := imageOf(r)
	if err != nil {
		return err
	}
	select {
	case s.transfers <- struct{}{}:
		defer func() { <-s.transfers }()
	default:
		return &refusal{http.StatusServiceUnavailable, "too many images travel"}
	}
	if r.Method == http.MethodPut {
		return s.receive(w, r, i)
	}
	return s.send(w, r, i)
}

// receive answers when the body has been read, whatever becomes of the task:
// managers ask for that.
func (s *Server) receive(w http.ResponseWriter, r *http.Request, i Image) error {
	if r.ContentLength < 0 || len(r.TransferEncoding) > 0 {
		return &refusal{http.StatusLengthRequired, "the length of the image is not told"}
	}
	body := &counted{w: w, r: r.Body}
	task, err := s.options.Images.Receive(r.Context(), i, r.ContentLength, body)
	if err != nil {
		return err
	}
	hurry(w)
	if body.n < r.ContentLength {
		w.Header().Set("Connection", "close")
	}
	w.Header().Set(headerTask, task)
	w.WriteHeader(http.StatusOK)
	return nil
}

// counted is a body whose sender has a while for each piece.
type counted struct {
	w http.ResponseWriter
	r io.Reader
	n int64
}

// Read has a deadline of its own: between pieces storage may take its time.
func (c *counted) Read(p []byte) (int, error) {
	control := http.NewResponseController(c.w)
	if err := control.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return 0, err
	}
	n, err := c.r.Read(p)
	c.n += int64(n)
	_ = control.SetReadDeadline(time.Time{}) // it took one just now
	return n, err
}

// send answers with the first bytes of an image. When it cannot go on the
// connection is closed before they are all there.
func (s *Server) send(w http.ResponseWriter, r *http.Request, i Image) error {
	length, err := wanted(r)
	if err != nil {
		return err
	}
	began := false
	err = s.options.Images.Send(r.Context(), i, length, func(task string) io.Writer {
		began = true
		h := w.Header()
		h.Set("Content-Type", "application/octet-stream")
		h.Set("Content-Length", strconv.FormatInt(length, 10))
		h.Set("Content-Range", "bytes 0-"+strconv.FormatInt(length-1, 10))
		h.Set(headerTask, task)
		hurry(w)
		w.WriteHeader(http.StatusPartialContent)
		return paced{w}
	})
	if began && err != nil {
		s.options.Log.WarnContext(r.Context(), "an image was not sent to its end", "peer", r.RemoteAddr, "err", err)
		return nil // the answer is too short, so net/http closes the connection
	}
	return err
}

// wanted reads how many bytes are asked for, in the one form that is served.
func wanted(r *http.Request) (int64, error) {
	bad := &refusal{http.StatusBadRequest, "the range is not of the form bytes=0-N"}
	values := r.Header["Range"]
	if len(values) != 1 {
		return 0, bad
	}
	last, ok := strings.CutPrefix(values[0], "bytes=0-")
	if !ok || strings.ContainsFunc(last, func(c rune) bool { return c < '0' || c > '9' }) {
		return 0, bad
	}
	n, err := strconv.ParseInt(last, 10, 64)
	if err != nil || n == math.MaxInt64 {
		return 0, bad
	}
	return n + 1, nil
}

// paced is an answer whose reader has a while for each piece.
type paced struct{ w http.ResponseWriter }

func (p paced) Write(b []byte) (int, error) {
	hurry(p.w)
	return p.w.Write(b)
}
